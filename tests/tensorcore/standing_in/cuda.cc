// A stand-in for NVIDIA's driver and runtime, with one GPU, an A100, whose memory is this CPU's.
//
// What TVM hands it for machine code is a text: a line for each kernel, with its name, the number of
// its pointers, its bytes of static shared memory, and the program of the emulator that runs it. A
// launch writes the memory that is pointed to into files, calls the program, and reads the files
// again. Nothing is asynchronous.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>

namespace {
struct Kernel {
  int pointers;
  unsigned shared;
  std::string program;
};
typedef std::map<std::string, Kernel> Module;
struct Launch {
  unsigned grid[3], block[3], shared;
  void* stream;
  void* attributes;
  unsigned count;
};
std::map<char*, size_t> allocated;

std::filesystem::path file(int at) {
  return std::filesystem::temp_directory_path() /
         ("launched-" + std::to_string(getpid()) + "-" + std::to_string(at));
}
}  // namespace

extern "C" {
int cuInit(unsigned) { return 0; }
int cuDeviceGet(int* device, int) { return *device = 0; }
int cuDeviceGetName(char* name, int length, int) {
  snprintf(name, length, "NVIDIA A100-SXM4-40GB");
  return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == 75 ? 8 : attribute == 10 ? 32 : attribute == 76 ? 0 : 1024;
  return 0;
}
int cudaDeviceGetAttribute(int* value, int attribute, int device) {
  return cuDeviceGetAttribute(value, attribute, device);
}
int cuModuleLoadData(Module** module, const char* image) {
  *module = new Module;
  std::istringstream lines(image);
  std::string name, program;
  unsigned shared;
  for (int pointers; lines >> name >> pointers >> shared >> program;)
    (**module)[name] = {pointers, shared, program + " " + name};
  return 0;
}
int cuModuleUnload(Module* module) {
  delete module;
  return 0;
}
int cuModuleGetFunction(Kernel** kernel, Module* module, const char* name) {
  *kernel = &module->at(name);
  return 0;
}
int cuLaunchKernelEx(const Launch* launch, Kernel* kernel, char*** arguments, void**) {
  std::ostringstream command;
  command << kernel->program;
  for (unsigned extent : launch->grid) command << " " << extent;
  for (unsigned extent : launch->block) command << " " << extent;
  command << " " << launch->shared + kernel->shared << " 0 0 0 1";
  for (int at = 0; at < kernel->pointers; at++) {
    char* pointer = *arguments[at];
    std::ofstream(file(at), std::ios::binary).write(pointer, allocated.at(pointer));
    command << " " << file(at);
  }
  command << " > /dev/null";
  int status = system(command.str().c_str());
  for (int at = 0; at < kernel->pointers; at++) {
    char* pointer = *arguments[at];
    std::ifstream(file(at), std::ios::binary).read(pointer, allocated.at(pointer));
    std::filesystem::remove(file(at));
  }
  return status;
}
int cuGetErrorName(int, const char** name) {
  *name = "the emulator refuses";
  return 0;
}
int cuGetErrorString(int error, const char** name) { return cuGetErrorName(error, name); }
const char* cudaGetErrorName(int) { return "error"; }
const char* cudaGetErrorString(int) { return "error"; }
int cudaMalloc(char** pointer, size_t size) {
  *pointer = static_cast<char*>(aligned_alloc(256, (size + 255) / 256 * 256));
  allocated[*pointer] = size;
  return 0;
}
int cudaFree(char* pointer) {
  allocated.erase(pointer);
  free(pointer);
  return 0;
}
int cudaMemcpyAsync(void* to, const void* from, size_t size, int, void*) {
  memcpy(to, from, size);
  return 0;
}
int cudaMemGetInfo(size_t* free, size_t* total) {
  *free = *total = size_t(40) << 30;
  return 0;
}
int cudaGetDeviceCount(int* count) {
  *count = 1;
  return 0;
}
int cudaGetDevice(int* device) { return *device = 0; }
int cudaEventCreate(double** event) {
  *event = new double;
  return 0;
}
int cudaEventDestroy(double* event) {
  delete event;
  return 0;
}
int cudaEventRecord(double* event, void*) {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  *event = std::chrono::duration<double, std::milli>(since).count();
  return 0;
}
int cudaEventElapsedTime(float* milliseconds, double* begun, double* ended) {
  *milliseconds = float(*ended - *begun);
  return 0;
}
#define NOTHING(name) \
  int name() { return 0; }
NOTHING(cuFuncSetAttribute)
NOTHING(cudaEventSynchronize)
NOTHING(cudaGetLastError)
NOTHING(cudaPeekAtLastError)
NOTHING(cudaSetDevice)
NOTHING(cudaStreamCreate)
NOTHING(cudaStreamCreateWithFlags)
NOTHING(cudaStreamDestroy)
NOTHING(cudaStreamSynchronize)
NOTHING(cudaStreamWaitEvent)
#define ABSENT(name) \
  int name() { return 1; }
ABSENT(cuTensorMapEncodeTiled)
ABSENT(cudaFreeHost)
ABSENT(cudaGetDeviceProperties)
ABSENT(cudaGraphDestroy)
ABSENT(cudaGraphExecDestroy)
ABSENT(cudaGraphInstantiate)
ABSENT(cudaGraphLaunch)
ABSENT(cudaMallocHost)
ABSENT(cudaMemcpyPeerAsync)
ABSENT(cudaStreamBeginCapture)
ABSENT(cudaStreamEndCapture)
}
