using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway;
using ShardSql.Gateway.Automatic;
using ShardSql.Gateway.Hosting;
using ShardSql.Gateway.Jobs;
using ShardSql.Sql.Values;

using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>What a cluster does by itself: as much as its settings allow, not too soon, and on one gateway only.</summary>
public sealed class AutomaticJobsTests : IAsyncLifetime
{
    private const int Accounts = 24;
    private const int Community = 4;
    private const int Payments = 800;

    // The cluster's own looks find that too little has been looked at, so that only those of the test do anything.
    private static readonly AutomaticOptions s_options = new() { MinSampled = 50, LooksNeeded = 2 };

    private readonly SetTime _time = new();
    private EmbeddedCluster _cluster = null!;
    private TestSession _session = null!;
    private AutomaticJobs _automatic = null!;

    public async Task InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "automatic-" + Guid.NewGuid().ToString("N"), Store = "memory", Nodes = 1,
        });
        _session = await TestSession.OpenAsync(_cluster.Name);
        _automatic = new AutomaticJobs(_cluster.Gateway.Services, s_options, _time);
    }

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Advise_leavesOnePlanAfterSeveralLooksAndNoneTooSoon()
    {
        await PayAsync("SHARD BY HASH (id) INTO 6 SEGMENTS");
        await LookAsync(3);
        Assert.Empty(await PlansAsync());
        await RunAsync("ALTER CLUSTER SET (auto_reshard = 'advise')");
        await LookAsync(1);
        Assert.Empty(await PlansAsync());
        await LookAsync(1);
        (string Plan, string Origin, string Kind, bool HasJob) first = Assert.Single(await PlansAsync());
        Assert.Equal(("auto_reshard", "RESHARD", false), (first.Origin, first.Kind, first.HasJob));
        await LookAsync(4);
        Assert.Equal(first, Assert.Single(await PlansAsync()));

        _time.Advance(s_options.MinInterval);
        await LookAsync(2);
        (string Plan, string Origin, string Kind, bool HasJob) next = Assert.Single(await PlansAsync());
        Assert.NotEqual(first.Plan, next.Plan);
        Assert.Empty((await RunAsync("SHOW JOBS")).Rows);
    }

    [Fact]
    public async Task On_beginsTheJobOfItsPlanAndIsContentAfterwards()
    {
        await PayAsync("SHARD BY HASH (id) INTO 6 SEGMENTS");
        await RunAsync("ALTER CLUSTER SET (auto_reshard = 'on')");
        await LookAsync(2);
        SqlValue[] job = Assert.Single((await RunAsync("SELECT job_id, plan_id FROM shard.jobs")).Rows);
        Assert.Equal(
            "succeeded", (await RunAsync($"WAIT JOB {job[0].ToText()} TIMEOUT '2m'")).Rows[0][2].ToText());
        (string Plan, string Origin, string Kind, bool HasJob) plan = Assert.Single(await PlansAsync());
        Assert.Equal((job[1].ToText(), "auto_reshard", true), (plan.Plan, plan.Origin, plan.HasJob));
        Assert.Equal("2400", (await RunAsync("SELECT sum(v) FROM accounts")).Rows[0][0].ToText());

        _time.Advance(s_options.MinInterval);
        await LookAsync(4);
        Assert.Single((await RunAsync("SHOW JOBS")).Rows);
    }

    [Fact]
    public async Task Split_ofASegmentThatBearsMoreThanAShardShould_isAtItsLoad()
    {
        await PayAsync("SHARD BY RANGE (id) SPLIT AT VALUES (1000), (2000)");
        await RunAsync("ALTER CLUSTER SET (auto_split = 'on')");
        await LookAsync(2);
        SqlValue[] job = Assert.Single((await RunAsync("SELECT job_id, kind FROM shard.jobs")).Rows);
        Assert.Equal("SPLIT SEGMENT", job[1].ToText());
        Assert.Equal("succeeded", (await RunAsync($"WAIT JOB {job[0].ToText()} TIMEOUT '2m'")).Rows[0][2].ToText());
        List<SqlValue[]> segments = (await RunAsync("SELECT to_key FROM shard.segments WHERE to_key IS NOT NULL ORDER BY 1")).Rows;
        Assert.Equal(3, segments.Count);
        Assert.Contains(segments, static row => row[0].ToText() is var key && key.Length == "(12)".Length);
    }

    [Fact]
    public async Task Lease_isOneGatewaysUntilItIsOverOrGivenBack()
    {
        AutomaticLeaseStore one = Leases(1);
        AutomaticLeaseStore other = Leases(2);
        AutomaticLease taken = (await one.TakeAsync("work", default))!;
        Assert.Null(await other.TakeAsync("work", default));
        Assert.Equal(taken.Epoch, (await one.TakeAsync("work", default))!.Epoch);
        _time.Advance(TimeSpan.FromSeconds(61));
        AutomaticLease after = (await other.TakeAsync("work", default))!;
        Assert.Equal(taken.Epoch + 1, after.Epoch);
        await Assert.ThrowsAsync<JobLostException>(() => NoteAsync(one, taken));
        await NoteAsync(other, after);
        await one.ReleaseAsync("work", default);
        Assert.Null(await one.TakeAsync("work", default));
        await other.ReleaseAsync("work", default);
        Assert.Equal(after.Epoch + 1, (await one.TakeAsync("work", default))!.Epoch);
    }

    [Theory]
    [InlineData("ALTER CLUSTER SET (auto_reshard = 'maybe')", "22023", "It is 'off', 'advise' or 'on'.")]
    [InlineData("ALTER CLUSTER SET (shards = 4)", "22023", "There are auto_reshard and auto_split: 'off', 'advise' or 'on'.")]
    [InlineData("BEGIN; ALTER CLUSTER SET (auto_split = 'on')", "25001", "Run it alone: it is done in transactions of its own.")]
    public async Task Settings_thatCannotBe_sayWhatCan(string statement, string sqlState, string hint) =>
        Assert.Equal(hint, (await _session.RunAsync(statement)).Refused(sqlState).Hint);

    [Fact]
    public async Task Settings_areShownToAll()
    {
        await RunAsync("ALTER CLUSTER SET (auto_reshard = 'advise', auto_split = 'on')");
        await RunAsync("ALTER CLUSTER SET (auto_split = 'off')");
        Assert.Equal(
            ["auto_reshard=advise", "auto_split=off"],
            (await RunAsync("SHOW SETTINGS WHERE name LIKE 'auto%' ORDER BY name")).Rows
                .Select(static row => $"{row[0].ToText()}={row[1].ToText()}"));
    }

    private AutomaticLeaseStore Leases(ulong holder) =>
        new(_cluster.Gateway.Services.Store, () => holder, TimeSpan.FromSeconds(60), _time);

    private Task NoteAsync(AutomaticLeaseStore leases, AutomaticLease taken) =>
        _cluster.Gateway.Services.Store.ChangeAsync(
            async transaction =>
            {
                await leases.NoteAsync(transaction, "work", taken, taken, default);
                return (0, HasWrites: true);
            },
            default);

    private async Task LookAsync(int times)
    {
        for (int i = 0; i < times; i++)
        {
            await _automatic.LookAsync(CancellationToken.None);
        }
    }

    private async Task<TestReply> RunAsync(string text) => (await _session.RunAsync(text)).Ok();

    private async Task<List<(string Plan, string Origin, string Kind, bool HasJob)>> PlansAsync() =>
    [
        .. (await RunAsync("SELECT plan_id, origin, kind, job_id FROM shard.plans ORDER BY created")).Rows.Select(
            static row => (row[0].ToText(), row[1].ToText(), row[2].ToText(), !row[3].IsNull)),
    ];

    /// <summary>Payments within hidden communities.</summary>
    private async Task PayAsync(string placement)
    {
        await RunAsync($"CREATE TABLE accounts (id int PRIMARY KEY, v bigint NOT NULL) {placement}");
        await RunAsync("INSERT INTO accounts VALUES "
            + string.Join(", ", Enumerable.Range(0, Accounts).Select(static id => $"({id}, 100)")));
        var random = new Random(1);
        for (int i = 0; i < Payments; i++)
        {
            int community = random.Next(Accounts / Community) * Community;
            (int from, int to) = (random.Next(Community), random.Next(Community - 1));
            await RunAsync(
                $"BEGIN; UPDATE accounts SET v = v - 1 WHERE id = {community + from}; "
                + $"UPDATE accounts SET v = v + 1 WHERE id = {community + ((from + 1 + to) % Community)}; COMMIT");
        }
    }

    private sealed class SetTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }
}
