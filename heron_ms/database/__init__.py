"""The files of MetaSchedule's JSON database, whose every line TVM believes: checked and mended."""
