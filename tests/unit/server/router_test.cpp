#include "server/router.hpp"

namespace errand {
namespace {

Route route(const char* method, const char* pattern) {
  Route made;
  made.method = method;
  made.pattern = pattern;
  return made;
}

Router router() {
  Router made;
  made.add(route("GET", "/"));
  made.add(route("GET", "/jobs"));
  made.add(route("POST", "/jobs"));
  made.add(route("GET", "/jobs/{id}"));
  made.add(route("POST", "/jobs/read-all"));
  made.add(route("POST", "/jobs/{id}/retry"));
  return made;
}

TEST(Router, FindsTheRouteOfMethodAndPath) {
  const Router made = router();
  EXPECT_EQ(made.match("GET", "/").route->pattern, "/");
  EXPECT_EQ(made.match("POST", "/jobs").route->method, "POST");
  EXPECT_EQ(made.match("POST", "/jobs/7/retry").route->pattern, "/jobs/{id}/retry");
}

TEST(Router, HandsOverWhatStandsForTheBraces) {
  const Router made = router();
  EXPECT_EQ(made.match("GET", "/jobs/17").parameters, std::vector<std::string>{"17"});
}

TEST(Router, TreatsHeadAsGet) {
  const Router made = router();
  EXPECT_EQ(made.match("HEAD", "/jobs").route->method, "GET");
}

TEST(Router, NamesTheMethodsOfAPathThatLacksTheAskedOne) {
  const Router made = router();
  const RouteMatch match = made.match("DELETE", "/jobs");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD, POST");
}

TEST(Router, HasNothingThatWasNotAdded) {
  const Router made = router();
  for (const char* path :
       {"/job", "/jobs/", "/jobs//retry", "//jobs", "/jobs/7/retry/", "/x", "/jobs/7/x"}) {
    const RouteMatch match = made.match("GET", path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_EQ(match.allow, "") << path;
  }
}

TEST(Router, MethodsAreCaseSensitive) {
  const Router made = router();
  EXPECT_EQ(made.match("get", "/jobs").route, nullptr);
}

TEST(Router, NeedsTheOperatorUnlessARouteSaysOtherwise) {
  EXPECT_EQ(Route{}.access, Access::admin);
}

}  // namespace
}  // namespace errand
