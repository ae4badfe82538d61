#include <errand/errand.hpp>

int main(int argc, char** argv) {
  errand::JobRegistry jobs;
  jobs.add("hello", [](errand::JobContext& context, const errand::Json& data) -> errand::Json {
    context.log().info("hello", {{"name", data.value("name", "world")}});
    return {{"greeted", data.value("name", "world")}};
  });
  jobs.add("everyMinute",
           [](errand::JobContext& context, const errand::Json&) { context.log().info("tick"); },
           {.cron = "0 * * * * *"});
  return errand::main(argc, argv, std::move(jobs));
}
