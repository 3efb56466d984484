using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Linq;
using System.Threading;
using ShardSql.Data.Commands;
using ShardSql.Data.Options;
using ShardSql.Data.Sessions;

namespace ShardSql.Data.Telemetry;

/// <summary>
/// The meter of the provider, by OpenTelemetry's conventions for database clients:
/// https://opentelemetry.io/docs/specs/semconv/database/database-metrics/.
/// </summary>
internal static class DataMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ShardSql.Data";

    /// <summary>Value of <c>db.system.name</c>.</summary>
    public const string SystemName = "shardsql";

    private const string PoolNameTag = "db.client.connection.pool.name";
    private const string StateTag = "db.client.connection.state";

    private static readonly InstrumentAdvice<double> s_secondsBuckets = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    };

    private static readonly Meter s_meter = new(MeterName, "1.0.0");
    private static readonly Lock s_lock = new();
    private static readonly HashSet<SessionPool> s_pools = [];

    private static readonly Histogram<double> s_operationDuration = s_meter.CreateHistogram(
        "db.client.operation.duration", "s", "Duration of database client operations.", null, s_secondsBuckets);

    private static readonly Histogram<long> s_returnedRows = s_meter.CreateHistogram<long>(
        "db.client.response.returned_rows", "{row}", "The actual number of records returned by the operation.");

    private static readonly Histogram<double> s_createTime = s_meter.CreateHistogram(
        "db.client.connection.create_time", "s", "The time it took to create a new connection.", null,
        s_secondsBuckets);

    private static readonly Histogram<double> s_waitTime = s_meter.CreateHistogram(
        "db.client.connection.wait_time", "s", "The time it took to obtain an open connection from the pool.", null,
        s_secondsBuckets);

    private static readonly Histogram<double> s_useTime = s_meter.CreateHistogram(
        "db.client.connection.use_time", "s", "The time between borrowing a connection and returning it to the pool.",
        null, s_secondsBuckets);

    private static readonly Counter<long> s_timeouts = s_meter.CreateCounter<long>(
        "db.client.connection.timeouts", "{timeout}",
        "The number of connection timeouts that have occurred trying to obtain a connection from the pool.");

    static DataMetrics()
    {
        s_meter.CreateObservableUpDownCounter(
            "db.client.connection.count", ConnectionCounts, "{connection}",
            "The number of connections that are currently in state described by the state attribute.");
        s_meter.CreateObservableUpDownCounter(
            "db.client.connection.max", () => OfPools(pool => pool.Settings.MaxPoolSize), "{connection}",
            "The maximum number of open connections allowed.");
        s_meter.CreateObservableUpDownCounter(
            "db.client.connection.idle.min", () => OfPools(pool => pool.Settings.MinPoolSize), "{connection}",
            "The minimum number of idle open connections allowed.");
        s_meter.CreateObservableUpDownCounter(
            "db.client.connection.idle.max", () => OfPools(pool => pool.Settings.MaxPoolSize), "{connection}",
            "The maximum number of idle open connections allowed.");
        s_meter.CreateObservableUpDownCounter(
            "db.client.connection.pending_requests", () => OfPools(pool => pool.Counts.Waiting), "{request}",
            "The number of current pending requests for an open connection.");
    }

    /// <summary>Counts a pool in.</summary>
    public static void Register(SessionPool pool)
    {
        lock (s_lock)
        {
            s_pools.Add(pool);
        }
    }

    /// <summary>Counts a pool out.</summary>
    public static void Unregister(SessionPool pool)
    {
        lock (s_lock)
        {
            s_pools.Remove(pool);
        }
    }

    /// <summary>A command ended, well or not.</summary>
    public static void RecordOperation(
        TimeSpan elapsed, long rows, ConnectionSettings settings, CommandWork work, HostAddress host, string? sqlState)
    {
        if (!s_operationDuration.Enabled && !s_returnedRows.Enabled)
        {
            return;
        }

        var tags = new TagList
        {
            { "db.system.name", SystemName },
            { "db.namespace", settings.Database },
            { "db.operation.name", work.Operation },
            { "server.address", host.Name },
        };
        if (work.Target is { } target)
        {
            tags.Add("db.collection.name", target);
        }

        if (host.Kind == HostKind.Tcp)
        {
            tags.Add("server.port", host.Port);
        }

        if (sqlState is not null)
        {
            tags.Add("db.response.status_code", sqlState);
            tags.Add("error.type", sqlState);
        }

        s_operationDuration.Record(elapsed.TotalSeconds, tags);
        s_returnedRows.Record(rows, tags);
    }

    /// <summary>A session was opened.</summary>
    public static void RecordCreateTime(TimeSpan elapsed, ConnectionSettings settings) =>
        s_createTime.Record(elapsed.TotalSeconds, Pool(settings));

    /// <summary>Somebody stood in line for a session.</summary>
    public static void RecordWaitTime(TimeSpan elapsed, ConnectionSettings settings) =>
        s_waitTime.Record(elapsed.TotalSeconds, Pool(settings));

    /// <summary>A session was given back.</summary>
    public static void RecordUseTime(TimeSpan elapsed, ConnectionSettings settings) =>
        s_useTime.Record(elapsed.TotalSeconds, Pool(settings));

    /// <summary>Somebody stood in line too long.</summary>
    public static void RecordTimeout(ConnectionSettings settings) => s_timeouts.Add(1, Pool(settings));

    private static KeyValuePair<string, object?> Pool(ConnectionSettings settings) =>
        new(PoolNameTag, settings.Servers);

    private static SessionPool[] Pools()
    {
        lock (s_lock)
        {
            return [.. s_pools];
        }
    }

    private static IEnumerable<Measurement<int>> OfPools(Func<SessionPool, int> measure) =>
        Pools().Select(pool => new Measurement<int>(measure(pool), Pool(pool.Settings)));

    private static IEnumerable<Measurement<int>> ConnectionCounts()
    {
        foreach (SessionPool pool in Pools())
        {
            (int idle, int used, _) = pool.Counts;
            yield return new Measurement<int>(idle, Pool(pool.Settings), new(StateTag, "idle"));
            yield return new Measurement<int>(used, Pool(pool.Settings), new(StateTag, "used"));
        }
    }
}
