#include "sim/sweep/ranks.h"

#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>

#ifdef TOGGLEWISE_HAVE_MPI
#include <mpi.h>
#else
#include "sim/base/error.h"
#endif

namespace togglewise::sweep {
namespace {

// What OpenMPI's mpirun tells the processes that it starts; 0 when nobody did.
int processes_of_mpirun() {
  const char* value = std::getenv("OMPI_COMM_WORLD_SIZE");
  return value == nullptr ? 0 : std::atoi(value);
}

class OneProcess : public Ranks {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void send(int, const std::string&) override { throw std::logic_error("there is one rank"); }
  std::string receive() override { throw std::logic_error("there is one rank"); }
  std::optional<Message> poll() override { return std::nullopt; }
};

#ifdef TOGGLEWISE_HAVE_MPI
class MpiRanks : public Ranks {
 public:
  // Only the thread that made this object calls MPI. A failing call ends all ranks: MPI's default.
  MpiRanks() {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  ~MpiRanks() override { MPI_Finalize(); }
  MpiRanks(const MpiRanks&) = delete;
  MpiRanks& operator=(const MpiRanks&) = delete;

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void send(int to, const std::string& message) override {
    MPI_Send(message.data(), static_cast<int>(message.size()), MPI_CHAR, to, 0, MPI_COMM_WORLD);
  }

  std::string receive() override {
    MPI_Status status;
    MPI_Probe(0, 0, MPI_COMM_WORLD, &status);
    return take(status).text;
  }

  std::optional<Message> poll() override {
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &there, &status);
    if (there == 0) return std::nullopt;
    return take(status);
  }

 private:
  static Message take(MPI_Status& status) {
    int size = 0;
    MPI_Get_count(&status, MPI_CHAR, &size);
    Message message{status.MPI_SOURCE, std::string(static_cast<std::size_t>(size), '\0')};
    MPI_Recv(message.text.data(), size, MPI_CHAR, message.from, 0, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    return message;
  }

  int rank_ = 0;
  int size_ = 1;
};
#endif

}  // namespace

std::unique_ptr<Ranks> join_ranks() {
  const int processes = processes_of_mpirun();
#ifdef TOGGLEWISE_HAVE_MPI
  if (processes > 0) return std::make_unique<MpiRanks>();
#else
  if (processes > 1) {
    throw Error::input("TW-SWEEP-008",
                       fmt::format("mpirun started {} processes, but this program was built "
                                   "without MPI",
                                   processes))
        .expected("one process; all its threads work on the sweep")
        .hint("apt-get install libopenmpi-dev openmpi-bin, configure and build again");
  }
#endif
  return std::make_unique<OneProcess>();
}

}  // namespace togglewise::sweep
