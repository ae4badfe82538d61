#include "jobs/html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Html, EscapesEveryCharacterThatMeansSomething) {
  EXPECT_EQ(escape_html("<a href=\"x\" title='y'>&"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;");
  EXPECT_EQ(escape_html("Grüße"), "Grüße");
}

TEST(Html, EscapesCellsHeadsAndTitles) {
  const std::string table = html_table({"<h>"}, {{"<script>"}});
  EXPECT_THAT(table, HasSubstr("<th>&lt;h&gt;</th>"));
  EXPECT_THAT(table, HasSubstr("<td>&lt;script&gt;</td>"));
  EXPECT_THAT(html_page("</title>", ""), Not(HasSubstr("<title></title>")));
}

TEST(Html, SaysSoWhenATableHasNoRows) {
  EXPECT_EQ(html_table({"a"}, {}), "<p>None.</p>\n");
}

}  // namespace
}  // namespace demo
