using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Data.Telemetry;
using ShardSql.Data.Tests.Fake;
using Xunit;

namespace ShardSql.Data.Tests.Telemetry;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Commands_are_measured_by_the_conventions_names()
    {
        using var gateway = new FakeGateway();
        string database = $"db{Guid.NewGuid():N}";
        var seen = new ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "ShardSql.Data")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>(
            (instrument, value, tags, _) => seen.Enqueue((instrument.Name, value, new(tags.ToArray()))));
        listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) => seen.Enqueue((instrument.Name, value, new(tags.ToArray()))));
        listener.SetMeasurementEventCallback<int>(
            (instrument, value, tags, _) => seen.Enqueue((instrument.Name, value, new(tags.ToArray()))));
        listener.Start();
        gateway.On("SELECT 1", FakeResult.Int32(1, 2, 3)).On("DELETE FROM t", FakeResult.Failing("23505", "duplicate"));
        await using ShardSqlDataSource source = gateway.CreateDataSource($"Database={database}");
        await using (ShardSqlConnection connection = await source.OpenConnectionAsync())
        {
            await new ShardSqlCommand("SELECT 1", connection).ExecuteNonQueryAsync();
            await Assert.ThrowsAsync<ShardSqlException>(
                () => new ShardSqlCommand("DELETE FROM t", connection).ExecuteNonQueryAsync());
        }

        listener.RecordObservableInstruments();

        var durations = seen
            .Where(item => item.Name == "db.client.operation.duration"
                && (string?)item.Tags["db.namespace"] == database)
            .ToArray();
        Assert.Equal(["SELECT", "DELETE"], durations.Select(item => (string?)item.Tags["db.operation.name"]));
        Assert.All(durations, item => Assert.Equal("shardsql", item.Tags["db.system.name"]));
        Assert.Equal("23505", durations[1].Tags["db.response.status_code"]);
        Assert.Equal("t", durations[1].Tags["db.collection.name"]);
        Assert.All(durations, item => Assert.Equal(gateway.Name, item.Tags["server.address"]));
        Assert.Contains(seen, item => item.Name == "db.client.response.returned_rows" && item.Value == 3
            && (string?)item.Tags["db.namespace"] == database);
        var ofPool = seen
            .Where(item => (string?)item.Tags.GetValueOrDefault("db.client.connection.pool.name") == gateway.Address)
            .ToArray();
        Assert.Contains(ofPool, item => item.Name == "db.client.connection.create_time");
        Assert.Contains(ofPool, item => item.Name == "db.client.connection.use_time");
        Assert.Contains(ofPool, item => item.Name == "db.client.connection.max" && item.Value == 100);
        Assert.Contains(
            ofPool, item =>
                item.Name == "db.client.connection.count" && item.Value == 1
                && (string?)item.Tags["db.client.connection.state"] == "idle");
    }

    [Fact]
    public async Task A_span_tells_the_text_and_no_parameter_values()
    {
        using var gateway = new FakeGateway();
        string database = $"db{Guid.NewGuid():N}";
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "ShardSql.Data",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        gateway.On("DELETE FROM t WHERE secret = @s", FakeResult.Failing("42P01", "no table t"));
        await using ShardSqlDataSource source = gateway.CreateDataSource($"Database={database}");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var command = new ShardSqlCommand("DELETE FROM t WHERE secret = @s", connection);
        command.Parameters.AddWithValue("s", "hush");
        await Assert.ThrowsAsync<ShardSqlException>(() => command.ExecuteNonQueryAsync());

        Activity span = Assert.Single(spans, span => (string?)span.GetTagItem("db.namespace") == database);
        Assert.Equal(ActivityKind.Client, span.Kind);
        Assert.Equal("DELETE t", span.DisplayName);
        Assert.Equal("DELETE t", span.GetTagItem("db.query.summary"));
        Assert.Equal("DELETE", span.GetTagItem("db.operation.name"));
        Assert.Equal("t", span.GetTagItem("db.collection.name"));
        Assert.Equal(gateway.Name, span.GetTagItem("server.address"));
        Assert.Equal("DELETE FROM t WHERE secret = @s", span.GetTagItem("db.query.text"));
        Assert.Equal("42P01", span.GetTagItem("error.type"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.DoesNotContain(
            span.TagObjects, tag => tag.Value?.ToString()!.Contains("hush", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_span_of_a_batch_tells_its_size_and_what_its_statements_have_in_common()
    {
        using var gateway = new FakeGateway();
        string database = $"db{Guid.NewGuid():N}";
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "ShardSql.Data",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        gateway.On("SELECT 1", FakeResult.Int32(1, 2)).On("SELECT 2", FakeResult.Int32(2)).On("DELETE FROM t", FakeResult.Written(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource($"Database={database}");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlBatch batch = connection.CreateBatch();
        batch.BatchCommands.Add(new ShardSqlBatchCommand("SELECT 1"));
        batch.BatchCommands.Add(new ShardSqlBatchCommand("SELECT 2"));
        await batch.ExecuteNonQueryAsync();
        await new ShardSqlCommand("SELECT 1; DELETE FROM t", connection).ExecuteNonQueryAsync();
        await new ShardSqlCommand("-- nothing", connection).ExecuteNonQueryAsync();

        Activity[] own = [.. spans.Where(span => (string?)span.GetTagItem("db.namespace") == database)];
        Assert.Equal(["BATCH SELECT", "BATCH"], own.Select(span => span.DisplayName));
        Assert.All(own, span => Assert.Equal(2, span.GetTagItem("db.operation.batch.size")));
        Assert.Equal("SELECT 1; SELECT 2", own[0].GetTagItem("db.query.text"));
        Assert.Equal(3L, own[0].GetTagItem("db.response.returned_rows"));
    }

    [Fact]
    public async Task Waiting_for_the_pool_is_measured()
    {
        using var gateway = new FakeGateway();
        var time = new ManualTimeProvider();
        var seen = new ConcurrentQueue<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "ShardSql.Data" && instrument.Name.StartsWith("db.client.connection.", StringComparison.Ordinal))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                if (tag.Key == "db.client.connection.pool.name" && (string?)tag.Value == gateway.Address)
                {
                    seen.Enqueue($"{instrument.Name["db.client.connection.".Length..]} {value}");
                }
            }
        }

        listener.SetMeasurementEventCallback<double>(Note);
        listener.SetMeasurementEventCallback<long>(Note);
        listener.SetMeasurementEventCallback<int>(Note);
        listener.Start();
        await using ShardSqlDataSource source = gateway.CreateDataSource("Max Pool Size=1;Timeout=5", time);
        ShardSqlConnection first = await source.OpenConnectionAsync();
        Task<ShardSqlConnection> late = source.OpenConnectionAsync().AsTask();
        listener.RecordObservableInstruments();
        Assert.Contains("pending_requests 1", seen);
        Assert.Contains("max 1", seen);
        Assert.Contains("idle.max 1", seen);
        Assert.Contains("idle.min 0", seen);
        time.Advance(TimeSpan.FromSeconds(6));
        await Assert.ThrowsAsync<ShardSqlException>(() => late);
        Assert.Contains("timeouts 1", seen);
        Task<ShardSqlConnection> next = source.OpenConnectionAsync().AsTask();
        await first.DisposeAsync();
        await using ShardSqlConnection second = await next;
        Assert.Contains(seen, item => item.StartsWith("wait_time ", StringComparison.Ordinal));
    }
}
