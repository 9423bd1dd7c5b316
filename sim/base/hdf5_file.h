// A thin owner of HDF5 handles: typed arrays with checksums, attributes, groups. The writer never
// leaves a half-written file under the final name; the reader checks every array's checksum.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace togglewise {

class Hdf5Writer {
 public:
  // `kind` ("togglewise traces", "togglewise energy tables") is checked by the reader.
  Hdf5Writer(const std::filesystem::path& file, const std::string& kind);
  ~Hdf5Writer();
  Hdf5Writer(const Hdf5Writer&) = delete;
  Hdf5Writer& operator=(const Hdf5Writer&) = delete;

  // From here on, arrays of many values are stored in chunks, byte-shuffled and deflated: worth it
  // for numbers that are mostly zero or have few significant bits. Same content, same bytes.
  void compress_arrays();

  // Paths are absolute inside the file ("/layers/conv1/weights"); groups on the way are made.
  void write(const std::string& path, const std::vector<std::int8_t>& values,
             const std::vector<std::uint64_t>& shape);
  void write(const std::string& path, const std::vector<std::int32_t>& values,
             const std::vector<std::uint64_t>& shape);
  void write(const std::string& path, const std::vector<std::uint64_t>& values,
             const std::vector<std::uint64_t>& shape);
  void write(const std::string& path, const std::vector<float>& values,
             const std::vector<std::uint64_t>& shape);
  void write(const std::string& path, const std::vector<double>& values,
             const std::vector<std::uint64_t>& shape);

  // Attributes of the group or array at `path`; "/" is the file itself.
  void attribute(const std::string& path, const std::string& name, const std::string& value);
  void attribute(const std::string& path, const std::string& name, std::int64_t value);
  void attribute(const std::string& path, const std::string& name, double value);

  void commit();  // closes the file and gives it its final name

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Hdf5Reader {
 public:
  // Throws TW-HDF5-001 (missing, cut off or not HDF5) or TW-HDF5-002 (another kind of file).
  Hdf5Reader(const std::filesystem::path& file, const std::string& kind);
  ~Hdf5Reader();
  Hdf5Reader(const Hdf5Reader&) = delete;
  Hdf5Reader& operator=(const Hdf5Reader&) = delete;

  template <typename T>
  struct Array {
    std::vector<T> values;
    std::vector<std::uint64_t> shape;
  };

  // Throws TW-HDF5-003 (no such array, other type) or TW-HDF5-004 (checksum differs).
  Array<std::int8_t> read_int8(const std::string& path) const;
  Array<std::int32_t> read_int32(const std::string& path) const;
  Array<std::uint64_t> read_uint64(const std::string& path) const;
  Array<float> read_float(const std::string& path) const;
  Array<double> read_double(const std::string& path) const;

  bool has_attribute(const std::string& path, const std::string& name) const;
  // Throws TW-HDF5-005 when the attribute is missing or of another type.
  std::string text_attribute(const std::string& path, const std::string& name) const;
  std::int64_t integer_attribute(const std::string& path, const std::string& name) const;
  double real_attribute(const std::string& path, const std::string& name) const;

  std::vector<std::string> children(const std::string& group) const;  // in order of creation

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace togglewise
