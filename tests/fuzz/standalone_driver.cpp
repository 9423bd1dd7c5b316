// Runs a fuzz target without libFuzzer: every file of the corpus as it is, then random mutations of
// them for a given time. Usage: fuzz_X --seconds 20 --seed 1 FILE_OR_FOLDER…
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/base/files.h"
#include "sim/base/random.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using Corpus = std::vector<std::string>;

Corpus read_corpus(const std::vector<std::string>& places) {
  std::vector<std::filesystem::path> files;
  for (const std::string& place : places) {
    if (!std::filesystem::is_directory(place)) {
      files.emplace_back(place);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  Corpus corpus;
  for (const std::filesystem::path& file : files) corpus.push_back(togglewise::read_file(file));
  return corpus;
}

void mutate_once(std::string& input, const Corpus& corpus, togglewise::Random& random) {
  static constexpr char interesting[] = "\0\x01\x7f\x80\xff-09.,:#[]{}\"'\n\r\t e";
  const std::size_t at = input.empty() ? 0 : random.below(input.size());
  switch (random.below(7)) {
    case 0:
      if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1 << random.below(8)));
      break;
    case 1:
      input.insert(at, 1, interesting[random.below(sizeof interesting - 1)]);
      break;
    case 2:
      input.erase(at, 1 + random.below(8));
      break;
    case 3: {
      const std::string piece = input.substr(at, 1 + random.below(32));
      input.insert(input.empty() ? 0 : random.below(input.size()), piece);
      break;
    }
    case 4: {  // the tail of another file
      const std::string& other = corpus[random.below(corpus.size())];
      if (!other.empty()) input = input.substr(0, at) + other.substr(random.below(other.size()));
      break;
    }
    case 5:
      if (!input.empty()) input[at] = interesting[random.below(sizeof interesting - 1)];
      break;
    default: {
      static constexpr const char* numbers[] = {"-1",    "0",  "2147483648", "99999999999999999999",
                                                "1e309", "nan"};
      input.insert(at, numbers[random.below(std::size(numbers))]);
    }
  }
}

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 20;
  std::uint64_t seed = 1;
  std::vector<std::string> places;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--seconds" && i + 1 < argc) {
      seconds = std::atof(argv[++i]);
    } else if (argument == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      places.push_back(argument);
    }
  }
  const Corpus corpus = read_corpus(places);
  if (corpus.empty()) {
    std::fprintf(stderr, "no corpus: expected files or folders\n");
    return 2;
  }
  for (const std::string& input : corpus) run(input);

  togglewise::Random random(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::uint64_t runs = 0;
  while (std::chrono::steady_clock::now() < end) {
    std::string input = corpus[random.below(corpus.size())];
    const std::size_t mutations = 1 + random.below(8);
    for (std::size_t i = 0; i < mutations; ++i) mutate_once(input, corpus, random);
    run(input);
    ++runs;
  }
  std::printf("%zu corpus files and %llu mutations: no crash\n", corpus.size(),
              static_cast<unsigned long long>(runs));
  return 0;
}
