// The stock program: errand with the job types that it brings itself.
#include <errand/errand.hpp>

int main(int argc, char** argv) {
  return errand::main(argc, argv, errand::JobRegistry{});
}
