// The processes that share a sweep: one, or those that mpirun started. Rank 0 hands out work and
// writes; the others talk to rank 0 only.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace togglewise::sweep {

class Ranks {
 public:
  virtual ~Ranks() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;

  virtual void send(int to, const std::string& message) = 0;
  // From rank 0, waiting.
  virtual std::string receive() = 0;

  struct Message {
    int from = 0;
    std::string text;
  };
  // From anybody, on rank 0; nothing when nothing has come.
  virtual std::optional<Message> poll() = 0;
};

// Joins the ranks when mpirun started this process, and leaves MPI alone when it did not. Throws
// TW-SWEEP-008 when there are several processes and this program was built without MPI.
std::unique_ptr<Ranks> join_ranks();

}  // namespace togglewise::sweep
