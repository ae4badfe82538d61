#pragma once

/// Everything a program needs: `#include <errand/errand.hpp>`. Test helpers are in
/// <errand/testing.hpp>.

#include <errand/borrowed_transaction.hpp>
#include <errand/clock.hpp>
#include <errand/config.hpp>
#include <errand/database.hpp>
#include <errand/error.hpp>
#include <errand/job.hpp>
#include <errand/job_registry.hpp>
#include <errand/log.hpp>
#include <errand/server_app.hpp>
#include <errand/socket_manager.hpp>
#include <errand/worker_manager.hpp>
