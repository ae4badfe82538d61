#include "fail_nth/failing_new.hpp"

#include <cstdlib>
#include <new>

#include "fail_nth/json_destructor.hpp"

namespace errand::testing {
namespace {

// Plain values: they are there before the first allocation of a thread and after its last.
thread_local int countdown = 0;
thread_local bool lasting = false;
thread_local bool away = false;
thread_local bool hit = false;
thread_local std::int64_t balance = 0;

/// One that is spared leaves its turn to the next.
bool is_turn() noexcept {
  if (!away && (countdown == 0 || --countdown != 0))
    return false;
  if (is_inside_json_destructor()) {
    countdown = away ? 0 : 1;
    return false;
  }
  hit = true;
  away = lasting;
  return true;
}

}  // namespace

void FailingNew::arm(int nth, bool lasts) noexcept {
  countdown = nth;
  lasting = lasts;
  away = false;
  hit = false;
}

bool FailingNew::disarm() noexcept {
  countdown = 0;
  away = false;
  return hit;
}

std::int64_t FailingNew::outstanding() noexcept {
  return balance;
}

}  // namespace errand::testing

void* operator new(std::size_t size) {
  if (errand::testing::is_turn())
    throw std::bad_alloc{};
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr)
    throw std::bad_alloc{};
  ++errand::testing::balance;
  return memory;
}

void operator delete(void* memory) noexcept {
  if (memory != nullptr)
    --errand::testing::balance;
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
  operator delete(memory);
}
