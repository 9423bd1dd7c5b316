// Operand arrays of HDF5 files that others wrote (h5py, MATLAB, …): any chunking and compression
// that the HDF5 library reads.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hdf5_handle.h"
#include "sim/topology/named_array.h"

namespace togglewise::topology {
namespace {

using Handle = Hdf5Handle;

Error bad_file(const std::filesystem::path& file, const std::string& what) {
  return Error::input("TW-OPERANDS-001", what)
      .at(file.string())
      .expected("an HDF5 file with NAME/weights and NAME/activations for every layer");
}

struct Walk {
  std::filesystem::path file;
  hid_t id = -1;
  std::uint64_t total = 0;
  std::vector<NamedArray> arrays;
};

void read_dataset(Walk& walk, const std::string& path, NamedArray array) {
  const Handle dataset(H5Dopen2(walk.id, path.c_str(), H5P_DEFAULT), H5Dclose);
  if (!dataset) return;  // a group or a type of that name
  const Handle type(H5Dget_type(dataset.get()), H5Tclose);
  if (H5Tget_class(type.get()) != H5T_INTEGER || H5Tget_size(type.get()) != 1 ||
      H5Tget_sign(type.get()) != H5T_SGN_2) {
    throw Error::input("TW-OPERANDS-003", fmt::format("'/{}' is not of type int8", path))
        .at(walk.file.string())
        .expected("signed 8-bit integers");
  }
  const Handle space(H5Dget_space(dataset.get()), H5Sclose);
  const int dimensions = H5Sget_simple_extent_ndims(space.get());
  std::vector<hsize_t> shape(static_cast<std::size_t>(std::max(dimensions, 0)));
  H5Sget_simple_extent_dims(space.get(), shape.data(), nullptr);
  std::uint64_t count = 1;
  for (const hsize_t size : shape) {
    if (size != 0 && count > largest_operand_bytes / size) count = largest_operand_bytes;
    count *= size;
  }
  walk.total += count;
  if (count > largest_operand_bytes || walk.total > largest_operand_bytes) {
    throw bad_file(walk.file, fmt::format("the arrays up to '/{}' take more than {} bytes", path,
                                          largest_operand_bytes));
  }
  array.shape.assign(shape.begin(), shape.end());
  array.values.resize(static_cast<std::size_t>(count));
  if (H5Dread(dataset.get(), H5T_NATIVE_INT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.values.data()) <
      0) {
    throw bad_file(walk.file, fmt::format("'/{}' cannot be read", path));
  }
  walk.arrays.push_back(std::move(array));
}

// All links below the group, collected first: exceptions must not pass through HDF5's C code.
herr_t collect(hid_t /*group*/, const char* name, const H5L_info_t* /*info*/, void* names) {
  try {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  } catch (...) {
    return -1;
  }
  return 0;
}

std::vector<std::string> links_of(hid_t file) {
  std::vector<std::string> names;
  const Handle creation(H5Gget_create_plist(file), H5Pclose);
  unsigned order = 0;
  H5Pget_link_creation_order(creation.get(), &order);
  const H5_index_t index =
      (order & H5P_CRT_ORDER_INDEXED) != 0 ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  H5Lvisit(file, index, H5_ITER_INC, collect, &names);
  return names;
}

hid_t open_file(const std::filesystem::path& file) {
  silence_hdf5();
  return H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
}

}  // namespace

std::vector<NamedArray> read_hdf5_arrays(const std::filesystem::path& file) {
  Walk walk;
  const Handle handle(open_file(file), H5Fclose);
  if (!handle) {
    read_file(file);  // tells a file that is not there or not readable
    throw bad_file(file, "the file is no HDF5 file, or is cut off");
  }
  walk.file = file;
  walk.id = handle.get();
  const Handle root(H5Gopen2(handle.get(), "/", H5P_DEFAULT), H5Gclose);
  for (const std::string& path : links_of(root.get())) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) continue;
    NamedArray array;
    array.layer = path.substr(0, slash);
    array.kind = path.substr(slash + 1);
    if (array.kind == "weights" || array.kind == "activations") {
      read_dataset(walk, path, std::move(array));
    }
  }
  return std::move(walk.arrays);
}

}  // namespace togglewise::topology
