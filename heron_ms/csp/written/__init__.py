"""Problems and solutions as text and as JSON, and what is said of a problem without any."""
