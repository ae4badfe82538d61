#include "jobs/samples.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <random>

#include "jobs/files.hpp"
#include "jobs/picture.hpp"

namespace demo {
namespace {

struct Colour {
  double red{0};
  double green{0};
  double blue{0};
};

/// A picture as a function of a point; both coordinates run from 0 to 1.
using Painter = Colour (*)(double x, double y);

Colour sunset(double x, double y) {
  const double sun = std::exp(-60.0 * (std::pow(x - 0.68, 2) + std::pow(y - 0.55, 2)));
  const double sea = y > 0.62 ? 0.25 * std::sin(90 * y + 6 * std::sin(14 * x)) : 0.0;
  return {
      0.95 - 0.6 * y + sun + sea, 0.45 - 0.25 * y + 0.8 * sun + sea, 0.35 + 0.25 * y + 0.3 * sun};
}

Colour waves(double x, double y) {
  const double a = std::sin(22 * x + 5 * std::sin(9 * y));
  const double b = std::cos(17 * y - 4 * std::cos(11 * x));
  return {0.5 + 0.4 * a, 0.5 + 0.4 * a * b, 0.55 + 0.4 * b};
}

Colour fractal(double x, double y) {
  constexpr int steps_max = 60;
  const std::complex<double> point{3.0 * x - 2.15, 2.3 * y - 1.15};
  std::complex<double> value{};
  int step = 0;
  while (step < steps_max && std::norm(value) < 4.0) {
    value = value * value + point;
    ++step;
  }
  const double t = static_cast<double>(step) / steps_max;
  return {t * t, 0.3 * t + 0.6 * t * (1 - t), 0.25 + 0.75 * std::sqrt(t) * (1 - t)};
}

Colour tiles(double x, double y) {
  const double column = std::floor(x * 16);
  const double row = std::floor(y * 12);
  const double hue = std::fmod(column * 0.37 + row * 0.61, 1.0);
  const double edge = std::min({std::fmod(x * 16, 1.0), std::fmod(y * 12, 1.0), 0.08}) / 0.08;
  return {
      edge * (0.3 + 0.6 * hue), edge * (0.8 - 0.5 * hue), edge * (0.4 + 0.3 * std::sin(9 * hue))};
}

struct Sample {
  const char* name;
  Painter painter;
};

constexpr std::array samples{Sample{"sunset.png", sunset},
                             Sample{"waves.png", waves},
                             Sample{"fractal.png", fractal},
                             Sample{"tiles.png", tiles}};

int to_byte(double value) {
  return static_cast<int>(std::lround(255 * std::clamp(value, 0.0, 1.0)));
}

// A little grain, as a camera's sensor has it: without it these pictures would compress to nothing.
std::string paint(Painter painter, const SampleSizes& sizes) {
  Picture picture{sizes.picture_width, sizes.picture_height};
  std::minstd_rand random{1};
  std::uniform_real_distribution<double> grain{-0.02, 0.02};
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      const Colour colour = painter((x + 0.5) / picture.width(), (y + 0.5) / picture.height());
      const double noise = grain(random);
      picture.set_pixel(x,
                        y,
                        to_byte(colour.red + noise),
                        to_byte(colour.green + noise),
                        to_byte(colour.blue + noise));
    }
  }
  return picture.to_png();
}

std::string invent_table(int rows) {
  constexpr std::array names{
      "Ada", "Grace", "Linus \"the second\"", "Barbara", "Edsger, D.", "Margaret"};
  constexpr std::array cities{"Berlin", "Kyiv", "São Paulo", "New York,\nNY", "Zürich"};
  std::minstd_rand random{2};
  std::string text = "id,name,city,amount\r\n";
  const auto quoted = [](std::string_view field) {
    std::string result = "\"";
    for (const char c : field)
      result.append(c == '"' ? 2 : 1, c);
    return result + "\"";
  };
  for (int row = 1; row <= rows; ++row)
    text += std::to_string(row) + "," + quoted(names.at(random() % names.size())) + "," +
            quoted(cities.at(random() % cities.size())) + "," + std::to_string(random() % 100000) +
            "\r\n";
  return text;
}

}  // namespace

Samples make_samples(const Settings& settings, const SampleSizes& sizes) {
  Samples result;
  for (const Sample& sample : samples) {
    result.pictures.push_back(std::string{"images/"} + sample.name);
    const auto path = settings.resolve(result.pictures.back());
    if (!std::filesystem::exists(path))
      write_file(path, paint(sample.painter, sizes));
  }
  result.table = "tables/customers.csv";
  const auto path = settings.resolve(result.table);
  if (!std::filesystem::exists(path))
    write_file(path, invent_table(sizes.table_rows));
  return result;
}

}  // namespace demo
