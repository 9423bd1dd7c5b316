#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/topology/csv_line.h"
#include "sim/topology/topology.h"

namespace togglewise::topology {
namespace {

enum class Form { convolution, gemm };

// A single number of a layer; with the limits below no size of a layer overflows.
constexpr int largest_number = 1 << 24;
constexpr std::int64_t largest_size = std::int64_t{1} << 31;  // K, M and feature maps stay below

constexpr const char* convolution_columns =
    "name, IFMAP height, IFMAP width, filter height, filter width, channels, number of filters, "
    "stride";
constexpr const char* gemm_columns = "name, M, N, K";
const std::vector<std::string> convolution_names = {
    "IFMAP height", "IFMAP width",       "filter height", "filter width",
    "channels",     "number of filters", "stride",        "stride along the width"};
const std::vector<std::string> gemm_names = {"M", "N", "K"};

const std::vector<std::string>& names_of(Form form) {
  return form == Form::gemm ? gemm_names : convolution_names;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc::result_out_of_range) return text[0] == '-' ? -1 : largest_size;
  if (status != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

bool is_ratio(const std::string& text) { return text.find(':') != std::string::npos; }

// Letters of a header's cell in lower case: "IFMAP Height" and "ifmap_height" are the same.
std::string letters_of(const std::string& text) {
  std::string letters;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return letters;
}

bool is_header(const std::vector<CsvCell>& cells) {
  if (cells.size() < 2) return false;
  return std::none_of(cells.begin() + 1, cells.end(), [](const CsvCell& cell) {
    return whole_number(cell.text).has_value() || is_ratio(cell.text);
  });
}

// SCALE-Sim skips its first line unread, so anything may stand in a header; M, N and K tell a GEMM
// file, and so does a header too short for convolutions.
Form form_of_header(const std::vector<CsvCell>& cells) {
  if (cells.size() >= 4 && letters_of(cells[1].text) == "m" && letters_of(cells[2].text) == "n" &&
      letters_of(cells[3].text) == "k") {
    return Form::gemm;
  }
  return cells.size() < 8 ? Form::gemm : Form::convolution;
}

class TopologyReader {
 public:
  explicit TopologyReader(const std::filesystem::path& file) : file_(file) {}

  Topology read() {
    const std::string text = read_file(file_);
    Topology topology;
    topology.file = file_;
    topology.name = file_.stem().string();
    topology.text_hash = hash_bytes(text);
    std::string_view rest = text;
    if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);
    while (!rest.empty()) {
      ++line_;
      const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
      read_line(rest.substr(0, end), topology.layers);
      rest.remove_prefix(end);
      if (rest.substr(0, 2) == "\r\n") rest.remove_prefix(1);
      if (!rest.empty()) rest.remove_prefix(1);
    }
    if (topology.layers.empty()) {
      throw Error::input("TW-TOPO-001", "the topology has no layer")
          .at(file_.string())
          .expected(fmt::format("lines '{}' or '{}'", convolution_columns, gemm_columns));
    }
    return topology;
  }

 private:
  Error error_at(int column, const std::string& id, const std::string& message) const {
    return Error::input(id, message).at(file_.string(), line_, column);
  }

  void read_line(std::string_view line, std::vector<TopologyLayer>& layers) {
    if (line.find('\0') != std::string_view::npos) {
      throw error_at(0, "TW-TOPO-002", "the line holds a zero byte").expected("a text file");
    }
    const auto cells = split_csv_line(line);
    if (!cells) {
      throw error_at(0, "TW-TOPO-002", "a quote is not closed, or text stands beside it")
          .expected("a name as it is or in double quotes");
    }
    if (cells->empty()) return;
    if (!form_ && is_header(*cells)) {
      form_ = form_of_header(*cells);
      return;
    }
    if (!form_) form_ = cells->size() < 8 ? Form::gemm : Form::convolution;
    layers.push_back(read_layer(*cells));
  }

  TopologyLayer read_layer(std::vector<CsvCell> cells) {
    const bool gemm = form_ == Form::gemm;
    if (cells.size() > 1 && is_ratio(cells.back().text)) {
      refuse_sparsity(cells.back());
      cells.pop_back();
    }
    const std::size_t least = gemm ? 4 : 8;
    const std::size_t most = gemm ? 4 : 9;
    if (cells.size() < least || cells.size() > most) {
      throw error_at(0, "TW-TOPO-002", fmt::format("the line has {} columns", cells.size()))
          .expected(gemm ? fmt::format("'{}'", gemm_columns)
                         : fmt::format("'{}'", convolution_columns))
          .hint(fmt::format("a {} file is read; its first line says which form it has",
                            gemm ? "GEMM" : "convolution"));
    }
    if (cells[0].text.empty()) {
      throw error_at(cells[0].column, "TW-TOPO-002", "the layer has no name");
    }
    std::vector<int> numbers;
    for (std::size_t i = 1; i < cells.size(); ++i) numbers.push_back(number_of(cells, i));
    TopologyLayer layer = gemm ? gemm_layer(numbers) : convolution_layer(cells, numbers);
    layer.name = unique_name(cells[0].text);
    layer.line = line_;
    check_sizes(layer);
    return layer;
  }

  void refuse_sparsity(const CsvCell& cell) const {
    const std::size_t colon = cell.text.find(':');
    const auto kept = whole_number(cell.text.substr(0, colon));
    const auto block = whole_number(cell.text.substr(colon + 1));
    if (kept && block && *kept == *block && *kept > 0) return;
    throw error_at(cell.column, "TW-TOPO-006",
                   fmt::format("the layer has a sparsity ratio of '{}'", cell.text))
        .expected("1:1, or no such column")
        .hint("N:M sparsity is not modelled: the array multiplies zeros like any other value");
  }

  int number_of(const std::vector<CsvCell>& cells, std::size_t i) const {
    const std::string& name = names_of(*form_)[i - 1];
    const auto value = whole_number(cells[i].text);
    if (!value) {
      throw error_at(cells[i].column, "TW-TOPO-003",
                     fmt::format("{} of layer '{}' is '{}'", name, cells[0].text, cells[i].text))
          .expected(fmt::format("a whole number from 1 to {}", largest_number));
    }
    if (*value < 1 || *value > largest_number) {
      throw error_at(cells[i].column, "TW-TOPO-004",
                     fmt::format("{} of layer '{}' is {}", name, cells[0].text, cells[i].text))
          .expected(fmt::format("1 to {}", largest_number));
    }
    return static_cast<int>(*value);
  }

  // OFMAP[M][N] = IFMAP[M][K] · FILTER[K][N]: M pixels with K channels, a 1×1 window.
  static TopologyLayer gemm_layer(const std::vector<int>& numbers) {
    TopologyLayer layer;
    layer.is_gemm = true;
    layer.input = {numbers[2], numbers[0], 1};
    layer.output = {numbers[1], numbers[0], 1};
    return layer;
  }

  TopologyLayer convolution_layer(const std::vector<CsvCell>& cells,
                                  const std::vector<int>& numbers) const {
    for (const std::size_t i : {0U, 1U}) {
      if (numbers[i + 2] <= numbers[i]) continue;
      throw error_at(
          cells[i + 3].column, "TW-TOPO-005",
          fmt::format("layer '{}': the {} of {} is larger than the {} of {}", cells[0].text,
                      convolution_names[i + 2], numbers[i + 2], convolution_names[i], numbers[i]))
          .expected(fmt::format("at most {}", numbers[i]))
          .hint("padding is part of the IFMAP's size in this format");
    }
    TopologyLayer layer;
    layer.input = {numbers[4], numbers[0], numbers[1]};
    layer.window.kernel_height = numbers[2];
    layer.window.kernel_width = numbers[3];
    layer.window.stride_height = numbers[6];
    layer.window.stride_width = numbers.size() > 7 ? numbers[7] : numbers[6];
    layer.groups = cells[0].text.find("DP") != std::string::npos ? numbers[4] : 1;
    const auto outputs = [](int ifmap, int filter, int stride) {
      return (ifmap - filter + stride - 1) / stride + 1;
    };
    layer.output = {0, outputs(numbers[0], numbers[2], layer.window.stride_height),
                    outputs(numbers[1], numbers[3], layer.window.stride_width)};
    const std::int64_t channels = std::int64_t{numbers[5]} * layer.groups;
    require_size(channels, "number of output channels", cells[0].text);
    layer.output.channels = static_cast<int>(channels);
    // What the last window hangs over the edge.
    layer.window.pad_bottom = (layer.output.height - 1) * layer.window.stride_height +
                              layer.window.kernel_height - layer.input.height;
    layer.window.pad_right = (layer.output.width - 1) * layer.window.stride_width +
                             layer.window.kernel_width - layer.input.width;
    return layer;
  }

  void require_size(std::int64_t size, const char* what, const std::string& name) const {
    if (size < largest_size) return;
    throw error_at(0, "TW-TOPO-004", fmt::format("the {} of layer '{}' is {}", what, name, size))
        .expected(fmt::format("less than {}", largest_size));
  }

  // Products of four limited numbers may pass 64 bits: step by step.
  void check_sizes(const TopologyLayer& layer) const {
    const auto product = [&](std::int64_t a, std::int64_t b, const char* what) {
      require_size(a * b, what, layer.name);
      return a * b;
    };
    const std::int64_t pixels =
        product(layer.output.height, layer.output.width, "number of output pixels (M)");
    product(pixels, layer.output.channels, "size of the OFMAP");
    const std::int64_t window =
        product(layer.window.kernel_height, layer.window.kernel_width, "size of the filter window");
    const std::int64_t reduction =
        product(window, layer.input.channels, "reduction (K) over all channels");
    product(reduction / layer.groups, layer.output.channels, "number of weights");
    const std::int64_t area =
        product(layer.input.height, layer.input.width, "number of IFMAP pixels");
    product(area, layer.input.channels, "size of the IFMAP");
  }

  std::string unique_name(const std::string& name) {
    std::string unique = name;
    for (int i = 2; !names_.insert(unique).second; ++i) unique = fmt::format("{}_{}", name, i);
    return unique;
  }

  std::filesystem::path file_;
  int line_ = 0;
  std::optional<Form> form_;
  std::set<std::string> names_;
};

}  // namespace

Topology read_topology(const std::filesystem::path& file) { return TopologyReader(file).read(); }

}  // namespace togglewise::topology
