// NumPy's .npz: a zip archive of .npy files. The .npy format: numpy/lib/format.py, versions 1 to 3.
#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <zip.h>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/topology/named_array.h"

namespace togglewise::topology {
namespace {

constexpr std::string_view npy_magic = "\x93NUMPY";
constexpr std::size_t largest_dimensions = 8;

Error bad_archive(const std::filesystem::path& file, const std::string& what) {
  return Error::input("TW-OPERANDS-001", what)
      .at(file.string())
      .expected("an archive as numpy.savez writes it");
}

struct NpyHeader {
  std::string type;  // "|i1"
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::size_t data_begin = 0;
};

// The text behind `key` in the header's Python dictionary.
std::optional<std::string_view> value_of(std::string_view header, std::string_view key) {
  const std::string quoted = "'" + std::string(key) + "'";
  std::size_t begin = header.find(quoted);
  if (begin == std::string_view::npos) return {};
  begin = header.find(':', begin + quoted.size());
  if (begin == std::string_view::npos) return {};
  begin = header.find_first_not_of(' ', begin + 1);
  if (begin == std::string_view::npos) return {};
  return header.substr(begin);
}

std::optional<std::vector<std::uint64_t>> parse_shape(std::string_view text) {
  const std::size_t end = text.find(')');
  if (text.empty() || text[0] != '(' || end == std::string_view::npos) return {};
  std::vector<std::uint64_t> shape;
  std::uint64_t number = 0;
  bool digits = false;
  for (const char c : text.substr(1, end - 1 + 1)) {
    if (c >= '0' && c <= '9') {
      number = number * 10 + static_cast<std::uint64_t>(c - '0');
      digits = true;
      if (number > largest_operand_bytes) return {};
    } else if (c == ',' || c == ')') {
      if (digits) shape.push_back(number);
      number = 0;
      digits = false;
    } else if (c != ' ') {
      return {};
    }
  }
  if (shape.size() > largest_dimensions) return {};
  return shape;
}

std::optional<NpyHeader> parse_header(std::string_view bytes) {
  if (bytes.size() < 12 || bytes.substr(0, npy_magic.size()) != npy_magic) return {};
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
  };
  const bool version_1 = byte(6) == 1;
  const std::size_t begin = version_1 ? 10 : 12;
  std::size_t length = byte(8) | byte(9) << 8;
  if (!version_1) length |= byte(10) << 16 | byte(11) << 24;
  if (byte(6) < 1 || byte(6) > 3 || length > bytes.size() - begin) return {};
  const std::string_view text = bytes.substr(begin, length);
  const auto type = value_of(text, "descr");
  const auto order = value_of(text, "fortran_order");
  const auto shape_text = value_of(text, "shape");
  if (!type || !order || !shape_text) return {};
  const auto shape = parse_shape(*shape_text);
  if (!shape) return {};
  NpyHeader header;
  if (type->size() > 2 && type->front() == '\'') {
    header.type = std::string(type->substr(1, type->find('\'', 1) - 1));
  }
  header.fortran_order = order->substr(0, 4) == "True";
  header.shape = *shape;
  header.data_begin = begin + length;
  return header;
}

// The first index runs fastest in Fortran order, the last one in ours.
std::vector<std::int8_t> to_row_major(const std::int8_t* values,
                                      const std::vector<std::uint64_t>& shape, std::size_t count) {
  std::vector<std::int8_t> result(count);
  std::vector<std::uint64_t> index(shape.size(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t place = 0;
    for (std::size_t d = shape.size(); d-- > 0;) {
      place += static_cast<std::size_t>(index[d]);
      if (d > 0) place *= static_cast<std::size_t>(shape[d - 1]);
    }
    result[i] = values[place];
    for (std::size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
  }
  return result;
}

std::uint64_t count_of(const std::vector<std::uint64_t>& shape) {
  std::uint64_t count = 1;
  for (const std::uint64_t size : shape) {
    if (size != 0 && count > largest_operand_bytes / size) return largest_operand_bytes + 1;
    count *= size;
  }
  return count;
}

void read_npy(const std::filesystem::path& file, const std::string& bytes, NamedArray& array) {
  const std::string name = array.layer + "." + array.kind;
  const auto header = parse_header(bytes);
  if (!header) throw bad_archive(file, fmt::format("'{}' is not an .npy array", name));
  if (header->type != "|i1" && header->type != "<i1" && header->type != ">i1" &&
      header->type != "i1") {
    throw Error::input("TW-OPERANDS-003", fmt::format("'{}' is of type '{}'", name, header->type))
        .at(file.string())
        .expected("int8 ('|i1')")
        .hint("array.astype(numpy.int8), once its values fit");
  }
  const std::uint64_t count = count_of(header->shape);
  if (bytes.size() - header->data_begin != count) {
    throw bad_archive(file, fmt::format("'{}' has {} bytes, but a shape of {} values", name,
                                        bytes.size() - header->data_begin, count));
  }
  const auto* values = reinterpret_cast<const std::int8_t*>(bytes.data() + header->data_begin);
  array.shape = header->shape;
  if (header->fortran_order) {
    array.values = to_row_major(values, header->shape, static_cast<std::size_t>(count));
  } else {
    array.values.assign(values, values + count);
  }
}

using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;
using Entry = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

std::string read_entry(const std::filesystem::path& file, zip_t* archive, zip_uint64_t index,
                       const zip_stat_t& status) {
  const Entry entry(zip_fopen_index(archive, index, 0), zip_fclose);
  std::string bytes(static_cast<std::size_t>(status.size), '\0');
  std::size_t done = 0;
  while (entry && done < bytes.size()) {
    const zip_int64_t part = zip_fread(entry.get(), bytes.data() + done, bytes.size() - done);
    if (part <= 0) break;
    done += static_cast<std::size_t>(part);
  }
  // Reading past the end checks the archive's checksum.
  char beyond = 0;
  if (!entry || done != bytes.size() || zip_fread(entry.get(), &beyond, 1) != 0) {
    throw bad_archive(file, fmt::format("'{}' cannot be unpacked", status.name));
  }
  return bytes;
}

// "conv1.weights.npy" → ("conv1", "weights"); nothing for other entries.
std::optional<NamedArray> array_named(std::string_view entry) {
  if (entry.size() > 4 && entry.substr(entry.size() - 4) == ".npy") {
    entry.remove_suffix(4);
  }
  const std::size_t dot = entry.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  NamedArray array;
  array.layer = std::string(entry.substr(0, dot));
  array.kind = std::string(entry.substr(dot + 1));
  if (array.kind != "weights" && array.kind != "activations") return {};
  return array;
}

}  // namespace

std::vector<NamedArray> read_npz(const std::filesystem::path& file) {
  int code = 0;
  const Archive archive(zip_open(file.c_str(), ZIP_RDONLY, &code), zip_discard);
  if (!archive) {
    read_file(file);  // tells a file that is not there or not readable
    throw bad_archive(file, "the file is no zip archive, or is cut off");
  }
  std::vector<NamedArray> arrays;
  std::uint64_t total = 0;
  const zip_int64_t entries = zip_get_num_entries(archive.get(), 0);
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(std::max<zip_int64_t>(entries, 0)); ++i) {
    zip_stat_t status;
    if (zip_stat_index(archive.get(), i, 0, &status) != 0 ||
        (status.valid & (ZIP_STAT_NAME | ZIP_STAT_SIZE)) != (ZIP_STAT_NAME | ZIP_STAT_SIZE)) {
      throw bad_archive(file, fmt::format("entry {} of the archive is damaged", i));
    }
    std::optional<NamedArray> array = array_named(status.name);
    if (!array) continue;
    total += status.size;
    if (status.size > largest_operand_bytes || total > largest_operand_bytes) {
      throw bad_archive(file, fmt::format("the arrays up to '{}' take more than {} bytes",
                                          status.name, largest_operand_bytes));
    }
    read_npy(file, read_entry(file, archive.get(), i, status), *array);
    arrays.push_back(std::move(*array));
  }
  return arrays;
}

}  // namespace togglewise::topology
