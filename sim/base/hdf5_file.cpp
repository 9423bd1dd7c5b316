#include "sim/base/hdf5_file.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/hdf5_handle.h"

namespace togglewise {
namespace {

constexpr const char* kKindAttribute = "kind";
constexpr const char* kChecksumAttribute = "xxh3_128";
constexpr std::uint64_t kFewestCompressedValues = 4096;
constexpr std::uint64_t kChunkValues = std::uint64_t{1} << 18;
constexpr unsigned kDeflateLevel = 4;

using Handle = Hdf5Handle;

template <typename T>
struct TypeOf;
template <>
struct TypeOf<std::int8_t> {
  static hid_t memory() { return H5T_NATIVE_INT8; }
  static hid_t file() { return H5T_STD_I8LE; }
  static constexpr const char* name = "int8";
};
template <>
struct TypeOf<std::int32_t> {
  static hid_t memory() { return H5T_NATIVE_INT32; }
  static hid_t file() { return H5T_STD_I32LE; }
  static constexpr const char* name = "int32";
};
template <>
struct TypeOf<std::uint64_t> {
  static hid_t memory() { return H5T_NATIVE_UINT64; }
  static hid_t file() { return H5T_STD_U64LE; }
  static constexpr const char* name = "uint64";
};
template <>
struct TypeOf<float> {
  static hid_t memory() { return H5T_NATIVE_FLOAT; }
  static hid_t file() { return H5T_IEEE_F32LE; }
  static constexpr const char* name = "float32";
};
template <>
struct TypeOf<double> {
  static hid_t memory() { return H5T_NATIVE_DOUBLE; }
  static hid_t file() { return H5T_IEEE_F64LE; }
  static constexpr const char* name = "float64";
};

}  // namespace

struct Hdf5Writer::State {
  explicit State(const std::filesystem::path& path) : final_path(path), pending(path) {}

  Error failed(const std::string& what) const {
    return Error::run("TW-HDF5-006", fmt::format("cannot write {}", what))
        .at(final_path.string())
        .expected("a writable folder with free space");
  }

  void write_attribute(const std::string& path, const std::string& name, hid_t file_type,
                       hid_t memory_type, const void* value) const {
    const Handle object(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose);
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const Handle attribute(
        H5Acreate2(object.get(), name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose);
    if (!attribute || H5Awrite(attribute.get(), memory_type, value) < 0) {
      throw failed(fmt::format("attribute '{}' of {}", name, path));
    }
  }

  void write_text(const std::string& path, const std::string& name,
                  const std::string& value) const {
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.get(), value.size() + 1);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    write_attribute(path, name, type.get(), type.get(), value.c_str());
  }

  template <typename T>
  void write_array(const std::string& path, const std::vector<T>& values,
                   const std::vector<std::uint64_t>& shape) const {
    const std::uint64_t count =
        std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
    if (count != values.size()) {
      throw Error::run("TW-HDF5-007", fmt::format("array {} has {} values but a shape of {}", path,
                                                  values.size(), count));
    }
    const std::vector<hsize_t> dimensions(shape.begin(), shape.end());
    const Handle space(
        H5Screate_simple(static_cast<int>(dimensions.size()), dimensions.data(), nullptr),
        H5Sclose);
    const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links.get(), 1);
    H5Pset_char_encoding(links.get(), H5T_CSET_UTF8);
    const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_obj_track_times(creation.get(), false);  // same content, same bytes
    if (compressed && count >= kFewestCompressedValues) set_compression(dimensions, creation.get());
    const Handle dataset(H5Dcreate2(file, path.c_str(), TypeOf<T>::file(), space.get(), links.get(),
                                    creation.get(), H5P_DEFAULT),
                         H5Dclose);
    if (!dataset || (!values.empty() && H5Dwrite(dataset.get(), TypeOf<T>::memory(), H5S_ALL,
                                                 H5S_ALL, H5P_DEFAULT, values.data()) < 0)) {
      throw failed(fmt::format("array {}", path));
    }
    write_text(path, kChecksumAttribute, hash_bytes(values.data(), values.size() * sizeof(T)));
  }

  // Chunks are whole rows of the first dimension, about kChunkValues.
  static void set_compression(const std::vector<hsize_t>& dimensions, hid_t creation) {
    std::vector<hsize_t> chunk(dimensions);
    const hsize_t row =
        std::accumulate(dimensions.begin() + 1, dimensions.end(), hsize_t{1}, std::multiplies<>());
    chunk[0] = std::clamp<hsize_t>(kChunkValues / std::max<hsize_t>(row, 1), 1, dimensions[0]);
    H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
    H5Pset_shuffle(creation);
    H5Pset_deflate(creation, kDeflateLevel);
  }

  bool compressed = false;
  std::filesystem::path final_path;
  PendingFile pending;
  hid_t file = -1;
};

Hdf5Writer::Hdf5Writer(const std::filesystem::path& file, const std::string& kind)
    : state_(std::make_unique<State>(file)) {
  silence_hdf5();
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_link_creation_order(creation.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  state_->file =
      H5Fcreate(state_->pending.temporary().c_str(), H5F_ACC_TRUNC, creation.get(), H5P_DEFAULT);
  if (state_->file < 0) throw state_->failed("the file");
  attribute("/", kKindAttribute, kind);
}

Hdf5Writer::~Hdf5Writer() {
  if (state_->file >= 0) H5Fclose(state_->file);
}

void Hdf5Writer::compress_arrays() { state_->compressed = true; }

void Hdf5Writer::write(const std::string& path, const std::vector<std::int8_t>& values,
                       const std::vector<std::uint64_t>& shape) {
  state_->write_array(path, values, shape);
}
void Hdf5Writer::write(const std::string& path, const std::vector<std::int32_t>& values,
                       const std::vector<std::uint64_t>& shape) {
  state_->write_array(path, values, shape);
}
void Hdf5Writer::write(const std::string& path, const std::vector<std::uint64_t>& values,
                       const std::vector<std::uint64_t>& shape) {
  state_->write_array(path, values, shape);
}
void Hdf5Writer::write(const std::string& path, const std::vector<float>& values,
                       const std::vector<std::uint64_t>& shape) {
  state_->write_array(path, values, shape);
}
void Hdf5Writer::write(const std::string& path, const std::vector<double>& values,
                       const std::vector<std::uint64_t>& shape) {
  state_->write_array(path, values, shape);
}

void Hdf5Writer::attribute(const std::string& path, const std::string& name,
                           const std::string& value) {
  state_->write_text(path, name, value);
}
void Hdf5Writer::attribute(const std::string& path, const std::string& name, std::int64_t value) {
  state_->write_attribute(path, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}
void Hdf5Writer::attribute(const std::string& path, const std::string& name, double value) {
  state_->write_attribute(path, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

void Hdf5Writer::commit() {
  const herr_t closed = H5Fclose(std::exchange(state_->file, -1));
  if (closed < 0) throw state_->failed("the file");
  state_->pending.commit();
}

struct Hdf5Reader::State {
  Error bad(const std::string& id, const std::string& message) const {
    return Error::input(id, message).at(file_name);
  }

  template <typename T>
  Array<T> read_array(const std::string& path) const {
    const Handle dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose);
    if (!dataset) {
      throw bad("TW-HDF5-003", fmt::format("there is no array {}", path))
          .expected(fmt::format("an array of {}", TypeOf<T>::name));
    }
    const Handle type(H5Dget_type(dataset.get()), H5Tclose);
    const Handle wanted(H5Tcopy(TypeOf<T>::file()), H5Tclose);
    if (H5Tequal(type.get(), wanted.get()) <= 0) {
      throw bad("TW-HDF5-003", fmt::format("array {} has another type", path))
          .expected(TypeOf<T>::name);
    }
    const Handle space(H5Dget_space(dataset.get()), H5Sclose);
    std::vector<hsize_t> dimensions(
        static_cast<std::size_t>(H5Sget_simple_extent_ndims(space.get())));
    H5Sget_simple_extent_dims(space.get(), dimensions.data(), nullptr);
    Array<T> array;
    array.shape.assign(dimensions.begin(), dimensions.end());
    array.values.resize(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get())));
    const herr_t status = array.values.empty()
                              ? 0
                              : H5Dread(dataset.get(), TypeOf<T>::memory(), H5S_ALL, H5S_ALL,
                                        H5P_DEFAULT, array.values.data());
    if (status < 0 || hash_bytes(array.values.data(), array.values.size() * sizeof(T)) !=
                          read_text(path, kChecksumAttribute)) {
      throw bad("TW-HDF5-004", fmt::format("array {} is damaged: its checksum differs", path))
          .expected("the file as Togglewise wrote it");
    }
    return array;
  }

  Error no_attribute(const std::string& path, const std::string& name) const {
    return bad("TW-HDF5-005",
               fmt::format("{} has no attribute '{}' of the right type", path, name));
  }

  std::string read_text(const std::string& path, const std::string& name) const {
    const Handle attribute(
        H5Aopen_by_name(file, path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    if (!attribute) throw no_attribute(path, name);
    const Handle type(H5Aget_type(attribute.get()), H5Tclose);
    if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) > 0) {
      throw no_attribute(path, name);
    }
    std::string text(H5Tget_size(type.get()), '\0');
    if (H5Aread(attribute.get(), type.get(), text.data()) < 0) throw no_attribute(path, name);
    text.resize(text.find_last_not_of('\0') + 1);
    return text;
  }

  template <typename T>
  T read_number(const std::string& path, const std::string& name, H5T_class_t kind,
                hid_t memory_type) const {
    const Handle attribute(
        H5Aopen_by_name(file, path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    if (!attribute) throw no_attribute(path, name);
    const Handle type(H5Aget_type(attribute.get()), H5Tclose);
    T value{};
    if (H5Tget_class(type.get()) != kind || H5Aread(attribute.get(), memory_type, &value) < 0) {
      throw no_attribute(path, name);
    }
    return value;
  }

  std::string file_name;
  hid_t file = -1;
};

Hdf5Reader::Hdf5Reader(const std::filesystem::path& file, const std::string& kind)
    : state_(std::make_unique<State>()) {
  silence_hdf5();
  state_->file_name = file.string();
  if (!std::filesystem::exists(file)) {
    throw state_->bad("TW-HDF5-001", "there is no such file").expected(kind);
  }
  state_->file = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (state_->file < 0) {
    throw state_->bad("TW-HDF5-001", "this is not a whole HDF5 file").expected(kind);
  }
  std::string found = "another program's HDF5 file";
  try {
    found = state_->read_text("/", kKindAttribute);
  } catch (const Error&) {  // no such attribute: the message below says what it is instead
    found = "another program's HDF5 file";
  }
  if (found != kind) {
    H5Fclose(std::exchange(state_->file, -1));
    throw state_->bad("TW-HDF5-002", fmt::format("this is '{}'", found))
        .expected(fmt::format("'{}'", kind));
  }
}

Hdf5Reader::~Hdf5Reader() {
  if (state_->file >= 0) H5Fclose(state_->file);
}

Hdf5Reader::Array<std::int8_t> Hdf5Reader::read_int8(const std::string& path) const {
  return state_->read_array<std::int8_t>(path);
}
Hdf5Reader::Array<std::int32_t> Hdf5Reader::read_int32(const std::string& path) const {
  return state_->read_array<std::int32_t>(path);
}
Hdf5Reader::Array<std::uint64_t> Hdf5Reader::read_uint64(const std::string& path) const {
  return state_->read_array<std::uint64_t>(path);
}
Hdf5Reader::Array<float> Hdf5Reader::read_float(const std::string& path) const {
  return state_->read_array<float>(path);
}
Hdf5Reader::Array<double> Hdf5Reader::read_double(const std::string& path) const {
  return state_->read_array<double>(path);
}

bool Hdf5Reader::has_attribute(const std::string& path, const std::string& name) const {
  return H5Aexists_by_name(state_->file, path.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}
std::string Hdf5Reader::text_attribute(const std::string& path, const std::string& name) const {
  return state_->read_text(path, name);
}
std::int64_t Hdf5Reader::integer_attribute(const std::string& path, const std::string& name) const {
  return state_->read_number<std::int64_t>(path, name, H5T_INTEGER, H5T_NATIVE_INT64);
}
double Hdf5Reader::real_attribute(const std::string& path, const std::string& name) const {
  return state_->read_number<double>(path, name, H5T_FLOAT, H5T_NATIVE_DOUBLE);
}

std::vector<std::string> Hdf5Reader::children(const std::string& group) const {
  const Handle handle(H5Gopen2(state_->file, group.c_str(), H5P_DEFAULT), H5Gclose);
  if (!handle) throw state_->bad("TW-HDF5-003", fmt::format("there is no group {}", group));
  H5G_info_t info{};
  H5Gget_info(handle.get(), &info);
  const H5_index_t order =
      info.storage_type == H5G_STORAGE_TYPE_SYMBOL_TABLE ? H5_INDEX_NAME : H5_INDEX_CRT_ORDER;
  std::vector<std::string> names;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    const auto name_of = [&](H5_index_t index, char* buffer, std::size_t size) {
      return H5Lget_name_by_idx(handle.get(), ".", index, H5_ITER_INC, i, buffer, size,
                                H5P_DEFAULT);
    };
    H5_index_t index = order;
    ssize_t length = name_of(index, nullptr, 0);
    if (length < 0) length = name_of(index = H5_INDEX_NAME, nullptr, 0);
    std::string name(static_cast<std::size_t>(length) + 1, '\0');
    name_of(index, name.data(), name.size());
    name.resize(static_cast<std::size_t>(length));
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace togglewise
