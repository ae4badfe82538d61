#include "conformance/job_store_conformance.hpp"
#include "helpers/pgbouncer.hpp"
#include "helpers/postgres_cluster.hpp"

namespace errand::testing {
namespace {

class PostgresHome : public StoreHome {
 public:
  [[nodiscard]] std::unique_ptr<Store> open(Durability durability) override {
    return open_store({.database_url = url(), .durability = durability, .clock = clock_});
  }

  [[nodiscard]] std::string url() const override { return database_.url(); }

  [[nodiscard]] std::string instant(TimePoint instant) const override {
    return "timestamptz 'epoch' + " + std::to_string(instant.time_since_epoch().count()) +
           " * interval '1 microsecond'";
  }

  void refuse_to_finish(JobId id) override {
    const std::string name = "refuse_" + std::to_string(id);
    PostgresSession session{database_.url()};
    session.run("CREATE FUNCTION " + name + "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " +
                "RAISE EXCEPTION 'refused'; END $$");
    session.run("CREATE TRIGGER " + name +
                " BEFORE UPDATE OF finished ON worker_jobs FOR EACH ROW WHEN (old.id = " +
                std::to_string(id) + " AND new.finished IS NOT NULL) EXECUTE FUNCTION " + name +
                "()");
  }

 private:
  TemporaryPostgres database_{};
};

class PooledPostgresHome final : public PostgresHome {
 public:
  [[nodiscard]] std::string url() const override {
    return PgBouncer::shared().url_for(PostgresHome::url());
  }
};

}  // namespace

Backend postgresql_backend() {
  return {"postgresql", [] {
            return std::make_unique<PostgresHome>();
          }};
}

Backend pgbouncer_backend() {
  return {"pgbouncer", [] {
            return std::make_unique<PooledPostgresHome>();
          }};
}

}  // namespace errand::testing
