#include "sim/network/dataset_file.h"

#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <zlib.h>

#include "sim/base/error.h"

namespace togglewise::network {
namespace fs = std::filesystem;

std::string read_dataset_file(const fs::path& file, const std::string& what,
                              const std::string& package) {
  std::error_code status;
  if (!fs::is_regular_file(file, status)) {
    throw Error::input("TW-DATA-001", "the dataset file is not there")
        .at(file.string())
        .expected(what)
        .hint(package.empty() ? "" : fmt::format("apt-get install {}", package));
  }
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> stream(gzopen(file.c_str(), "rb"), gzclose);
  if (!stream) {
    throw Error::input("TW-DATA-001", "the dataset file cannot be read")
        .at(file.string())
        .expected("a readable file");
  }
  std::string content;
  std::string piece(1 << 20, '\0');
  for (;;) {
    const int count = gzread(stream.get(), piece.data(), static_cast<unsigned>(piece.size()));
    if (count > 0) content.append(piece.data(), static_cast<std::size_t>(count));
    if (count < static_cast<int>(piece.size())) {
      int code = Z_OK;
      const char* text = gzerror(stream.get(), &code);
      if (code != Z_OK && code != Z_STREAM_END) {
        throw Error::input("TW-DATA-003",
                           fmt::format("the compressed file is cut off or damaged ({})", text))
            .at(file.string())
            .expected("a whole gzip file");
      }
      return content;
    }
  }
}

}  // namespace togglewise::network
