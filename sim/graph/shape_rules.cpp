#include "sim/graph/shape_rules.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "sim/graph/onnx_node.h"

namespace togglewise::graph {
namespace {

std::int64_t elements_of(const Dimensions& shape) {
  const auto elements = element_count(shape);
  if (!elements) throw NodeProblem(fmt::format("a value of shape {}", shape_text(shape)));
  return *elements;
}

std::set<std::size_t> axis_set(const Dimensions& axes, std::size_t rank) {
  std::set<std::size_t> result;
  for (const std::int64_t axis : axes) {
    if (!result.insert(checked_axis(axis, rank)).second) {
      throw NodeProblem(fmt::format("axis {} is named twice", axis));
    }
  }
  return result;
}

SliceRange slice_range(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (step == 0) throw NodeProblem("a step of 0");
  // A step beyond the size takes one element, whatever it is; so nothing overflows below.
  step = std::clamp(step, -largest_dimension, largest_dimension);
  if (start < 0) start += size;
  if (end < 0) end += size;
  if (step > 0) {
    start = std::clamp<std::int64_t>(start, 0, size);
    end = std::clamp<std::int64_t>(end, 0, size);
    return {start, step, end > start ? (end - start - 1) / step + 1 : 0};
  }
  if (size == 0) return {0, step, 0};
  start = std::clamp<std::int64_t>(start, 0, size - 1);
  end = std::clamp<std::int64_t>(end, -1, size - 1);
  return {start, step, start > end ? (start - end - 1) / -step + 1 : 0};
}

}  // namespace

Dimensions reshaped(const Dimensions& from, const Dimensions& target, bool allow_zero) {
  Dimensions result = target;
  std::int64_t inferred = -1;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == 0 && !allow_zero) {
      if (i >= from.size()) throw NodeProblem(fmt::format("no dimension {} to keep", i));
      result[i] = from[i];
    }
    if (result[i] == -1) {
      if (inferred >= 0) throw NodeProblem("two dimensions of -1");
      inferred = static_cast<std::int64_t>(i);
      result[i] = 1;
    }
  }
  const std::int64_t elements = elements_of(from);
  const std::int64_t known = elements_of(result);
  if (inferred >= 0 && known > 0 && elements % known == 0) {
    result[static_cast<std::size_t>(inferred)] = elements / known;
  }
  if (elements_of(result) != elements) {
    throw NodeProblem(fmt::format("{} does not become {}", shape_text(from), shape_text(target)));
  }
  return result;
}

Dimensions squeezed(const Dimensions& from, const Dimensions& axes) {
  const std::set<std::size_t> dropped = axis_set(axes, from.size());
  Dimensions result;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const bool drop = axes.empty() ? from[i] == 1 : dropped.count(i) > 0;
    if (drop && from[i] != 1) throw NodeProblem(fmt::format("dimension {} is {}", i, from[i]));
    if (!drop) result.push_back(from[i]);
  }
  return result;
}

Dimensions unsqueezed(const Dimensions& from, const Dimensions& axes) {
  const std::size_t rank = from.size() + axes.size();
  const std::set<std::size_t> added = axis_set(axes, rank);
  Dimensions result;
  auto kept = from.begin();
  for (std::size_t i = 0; i < rank; ++i) result.push_back(added.count(i) > 0 ? 1 : *kept++);
  return result;
}

Dimensions flattened(const Dimensions& from, std::int64_t axis) {
  const std::size_t split = axis == static_cast<std::int64_t>(from.size())
                                ? from.size()
                                : checked_axis(axis, from.size());
  const auto middle = from.begin() + static_cast<std::ptrdiff_t>(split);
  return {elements_of({from.begin(), middle}), elements_of({middle, from.end()})};
}

std::vector<std::size_t> permutation(const Dimensions& given, std::size_t rank) {
  std::vector<std::size_t> result;
  if (given.empty()) {
    for (std::size_t i = 0; i < rank; ++i) result.push_back(rank - 1 - i);
    return result;
  }
  if (given.size() != rank || axis_set(given, rank).size() != rank) {
    throw NodeProblem(fmt::format("the permutation {} of a value with {} dimensions",
                                  fmt::join(given, ","), rank));
  }
  for (const std::int64_t axis : given) result.push_back(checked_axis(axis, rank));
  return result;
}

std::vector<SliceRange> slice_ranges(const Dimensions& from, const Dimensions& starts,
                                     const Dimensions& ends, const Dimensions& axes,
                                     const Dimensions& steps) {
  if (starts.size() != ends.size() || (!axes.empty() && axes.size() != starts.size()) ||
      (!steps.empty() && steps.size() != starts.size()) || starts.size() > from.size()) {
    throw NodeProblem("starts, ends, axes and steps differ in number");
  }
  axis_set(axes, from.size());
  std::vector<SliceRange> ranges;
  for (const std::int64_t size : from) ranges.push_back({0, 1, size});
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = axes.empty() ? i : checked_axis(axes[i], from.size());
    ranges[axis] = slice_range(from[axis], starts[i], ends[i], steps.empty() ? 1 : steps[i]);
  }
  return ranges;
}

Dimensions broadcast(const Dimensions& a, const Dimensions& b) {
  Dimensions result(std::max(a.size(), b.size()), 1);
  const auto at = [&](const Dimensions& shape, std::size_t i) {
    const std::size_t missing = result.size() - shape.size();
    return i < missing ? std::int64_t{1} : shape[i - missing];
  };
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int64_t left = at(a, i);
    const std::int64_t right = at(b, i);
    if (left != right && left != 1 && right != 1) {
      throw NodeProblem(
          fmt::format("shapes {} and {} do not go together", shape_text(a), shape_text(b)));
    }
    result[i] = left == 1 ? right : left;
  }
  return result;
}

}  // namespace togglewise::graph
