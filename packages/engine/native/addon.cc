// The functions that session-addon.ts calls. Graphs and sessions are externals to it.
#include <node_api.h>

#include <cstdlib>
#include <memory>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "errors.h"
#include "graph.h"
#include "session-binding.h"
#include "training_kernels.h"
#include "values.h"

namespace superconvergence {
namespace {

// Sessions share a graph, and may outlive JavaScript's hold on it.
using GraphHandle = std::shared_ptr<Graph>;

napi_value CreateGraph(napi_env env, napi_callback_info) {
  return MakeExternal(env, std::make_unique<GraphHandle>(std::make_shared<Graph>()));
}

// Lets go of the graph before the garbage collector would.
napi_value DisposeGraph(napi_env env, napi_callback_info info) {
  ReadExternal<GraphHandle>(env, ReadArguments<1>(env, info)[0]).reset();
  return Undefined(env);
}

Graph& ReadGraph(napi_env env, napi_value value) {
  const GraphHandle& handle = ReadExternal<GraphHandle>(env, value);
  if (handle == nullptr) throw TensorFlowError(TF_FAILED_PRECONDITION, "the graph was disposed of");
  return *handle;
}

napi_value MakeOutput(napi_env env, const OutputInfo& output) {
  napi_value shape;
  if (output.shape.sizes.has_value()) shape = MakeArray(env, *output.shape.sizes, MakeInteger);
  else Check(env, napi_get_null(env, &shape));
  return MakeObject(env, {{"dtype", MakeInteger(env, output.dtype)}, {"shape", shape}});
}

napi_value AddOperation(napi_env env, napi_callback_info info) {
  const auto [graph, operation] = ReadArguments<2>(env, info);
  OperationRequest request;
  request.type = ReadString(env, GetProperty(env, operation, "type"), "type");
  request.name = ReadString(env, GetProperty(env, operation, "name"), "name");
  const std::string prefix = "'" + request.name + "' (" + request.type + ")";
  request.inputs = ReadOptionalStrings(env, GetProperty(env, operation, "inputs"), prefix + ": inputs");
  request.control_inputs =
      ReadOptionalStrings(env, GetProperty(env, operation, "controlInputs"), prefix + ": controlInputs");
  request.attributes = ReadAttributes(env, GetProperty(env, operation, "attributes"), prefix);
  napi_value device = GetProperty(env, operation, "device");
  if (!IsNullish(env, device)) request.device = ReadString(env, device, prefix + ": device");
  return MakeArray(env, ReadGraph(env, graph).AddOperation(request), MakeOutput);
}

napi_value ToGraphDef(napi_env env, napi_callback_info info) {
  const std::string bytes = ReadGraph(env, ReadArguments<1>(env, info)[0]).ToGraphDef();
  void* data = nullptr;
  napi_value buffer, array;
  Check(env, napi_create_arraybuffer(env, bytes.size(), &data, &buffer));
  bytes.copy(static_cast<char*>(data), bytes.size());
  Check(env, napi_create_typedarray(env, napi_uint8_array, bytes.size(), buffer, 0, &array));
  return array;
}

napi_value ImportGraphDef(napi_env env, napi_callback_info info) {
  const auto [graph, bytes] = ReadArguments<2>(env, info);
  ReadGraph(env, graph).ImportGraphDef(ReadBytes(env, bytes, "bytes"));
  return Undefined(env);
}

napi_value CreateSession(napi_env env, napi_callback_info info) {
  const auto [graph, config] = ReadArguments<2>(env, info);
  ReadGraph(env, graph);
  return SessionBinding::Make(env, ReadExternal<GraphHandle>(env, graph), ReadBytes(env, config, "config"));
}

napi_value RunSession(napi_env env, napi_callback_info info) {
  const auto [session, feeds, fetches, targets] = ReadArguments<4>(env, info);
  return ReadExternal<SessionBinding>(env, session).Run(feeds, fetches, targets);
}

napi_value RunSessionSync(napi_env env, napi_callback_info info) {
  const auto [session, feeds, fetches, targets] = ReadArguments<4>(env, info);
  return ReadExternal<SessionBinding>(env, session).RunSync(feeds, fetches, targets);
}

napi_value DropRuns(napi_env env, napi_callback_info info) {
  ReadExternal<SessionBinding>(env, ReadArguments<1>(env, info)[0]).DropRuns();
  return Undefined(env);
}

napi_value CloseSession(napi_env env, napi_callback_info info) {
  ReadExternal<SessionBinding>(env, ReadArguments<1>(env, info)[0]).Close();
  return Undefined(env);
}

// Large tensors go back to the system when they are freed: kept in malloc's lists they cost a step of WRN-16-10 (batch 64)
// 0.2 GB, and fetching them anew costs no time that could be measured. A variable of the environment that says otherwise
// holds.
void ReturnLargeTensors() {
#if defined(__GLIBC__)
  if (!getenv("MALLOC_MMAP_THRESHOLD_")) mallopt(M_MMAP_THRESHOLD, 4 << 20);
#endif
}

template <napi_value (*function)(napi_env, napi_callback_info)>
void Export(napi_env env, napi_value exports, const char* name) {
  napi_value value;
  Check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, Guarded<function>, nullptr, &value));
  Check(env, napi_set_named_property(env, exports, name, value));
}

}  // namespace
}  // namespace superconvergence

NAPI_MODULE_INIT() {
  using namespace superconvergence;
  try {
    ReturnLargeTensors();
    RegisterTrainingKernels();
    Export<CreateGraph>(env, exports, "createGraph");
    Export<DisposeGraph>(env, exports, "disposeGraph");
    Export<AddOperation>(env, exports, "addOperation");
    Export<ToGraphDef>(env, exports, "toGraphDef");
    Export<ImportGraphDef>(env, exports, "importGraphDef");
    Export<CreateSession>(env, exports, "createSession");
    Export<RunSession>(env, exports, "run");
    Export<RunSessionSync>(env, exports, "runSync");
    Export<DropRuns>(env, exports, "dropRuns");
    Export<CloseSession>(env, exports, "closeSession");
  } catch (...) {
    napi_value error = CurrentExceptionAsError(env);
    if (error != nullptr) napi_throw(env, error);
  }
  return exports;
}
