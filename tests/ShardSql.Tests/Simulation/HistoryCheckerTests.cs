using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Checking;

using Xunit;

namespace ShardSql.Tests.Simulation;

/// <summary>Hand-made histories for each anomaly, and the checker against trying all orders.</summary>
public sealed class HistoryCheckerTests
{
    private const int RandomHistories = 20_000;

    [Theory]
    [InlineData("G0", "a1.1 a2.2", "a1.3 a2.4", "r1=1,3 r2=4,2")]
    [InlineData("G0", "a1.1 a2.2", "a2.4 a1.3", "r1=3,1", "r2=2,4")]
    [InlineData("G0", "a1.1 a2.2", "a2.3 a3.4", "a3.5 a1.6", "r1=6,1 r2=2,3 r3=4,5")]
    [InlineData("G1a", "!a1.1", "r1=1")]
    [InlineData("G1a", "a1.2", "!a1.1", "r1=2,1 a2.3")]
    [InlineData("G1a", "!a1.1 a2.2", "r2=2")]
    [InlineData("G1b", "a1.1 a1.2", "r1=1")]
    [InlineData("G1b", "?a1.1 a2.5 a1.2", "r1=1")]
    [InlineData("G1b", "a1.1 a1.2 a1.3", "r1=1,2", "r1=1,2,3")]
    [InlineData("G1c", "a1.1 r2=2", "a2.2 r1=1")]
    [InlineData("G1c", "a1.1 r3=3", "r1=1 a2.2", "r2=2 a3.3")]
    [InlineData("G1c", "a1.1 r2=2", "a1.3 a2.2", "r1=1,3")]
    [InlineData("G-single", "r1= r2=2", "a1.1 a2.2", "r1=1 r2=2")]
    [InlineData("G-single", "r1= a2.3", "a1.1 a2.2", "r2=2,3 r1=1")]
    [InlineData("G-single", "r1= r3=3", "a1.1 a2.2", "r2=2 a3.3", "r1=1")]
    [InlineData("G2-item", "r1= a2.2", "r2= a1.1", "r1=1 r2=2")]
    [InlineData("G2-item", "r1= a2.2", "r2= a3.3", "r3= a1.1", "r1=1 r2=2 r3=3")]
    [InlineData("G2-item", "r1= r2= a1.1", "r1= r2= a2.2", "r1=1", "r2=2")]
    [InlineData("G-nonadjacent", "a1.1", "a2.2", "r1=1 r2=", "r2=2 r1=")]
    [InlineData("G-nonadjacent", "a1.1", "a2.2", "a3.3", "r1=1 r2=", "r2=2 r3=", "r3=3 r1=")]
    [InlineData("G-nonadjacent", "a1.1 a4.4", "a2.2 a5.5", "r4=4 r5=", "r5=5 r4=")]
    [InlineData("internal", "a1.1 r1=")]
    [InlineData("internal", "a2.1 r1= r1=2", "a1.2")]
    [InlineData("internal", "r1= a1.1 r1=2,1", "a1.2")]
    [InlineData("future-read", "r1=1 a1.1")]
    [InlineData("future-read", "r1=2,1 a1.1", "a1.2")]
    [InlineData("future-read", "a1.1 r1=1,2 a1.2")]
    [InlineData("lost-update", "r1= a1.1", "r1= a1.2", "r1=1,2")]
    [InlineData("lost-update", "a1.9", "r1=9 a1.1", "r1=9 a1.2")]
    [InlineData("lost-update", "r1= a2.5 a1.1", "r1= a1.2 r2=5", "r1=1,2")]
    [InlineData("incompatible-order", "a1.1", "a1.2", "r1=1,2", "r1=2,1")]
    [InlineData("incompatible-order", "a1.1", "a1.2", "r1=1", "r1=2")]
    [InlineData("incompatible-order", "a1.1", "a1.2", "a1.3", "r1=1,2,3", "r1=1,3")]
    [InlineData("duplicate-elements", "a1.1", "r1=1,1")]
    [InlineData("duplicate-elements", "a1.1", "a1.2", "r1=1,2,1")]
    [InlineData("duplicate-elements", "r1=1,1 a1.1")]
    [InlineData("garbage-read", "r1=1")]
    [InlineData("garbage-read", "a1.1", "r1=1,7")]
    [InlineData("garbage-read", "a2.1", "r1=1")]
    [InlineData("dirty-update", "!a1.1", "a1.2", "r1=1,2")]
    [InlineData("dirty-update", "!a1.1 a1.3", "a1.2", "r1=1,3,2")]
    [InlineData("dirty-update", "a1.5", "!a1.1", "a1.2", "r1=5,1,2")]
    public void Check_ofAnAnomaly_namesIt(string kind, params string[] transactions)
    {
        HistoryReport report = HistoryChecker.Check(Concurrent(transactions));
        Assert.Contains(kind, report.Anomalies.Select(anomaly => anomaly.Kind));
        Assert.False(report.IsSerializable);
    }

    [Theory]
    [InlineData("a1.1", "r1=1 a1.2", "r1=1,2")]
    [InlineData("r1= a1.1 r1=1", "r1=1 a2.2", "r2=2 r1=1")]
    [InlineData("?a1.1", "r1= a1.2", "r1=2")]
    [InlineData("?a1.1", "r1=1")]
    [InlineData("!a1.1", "r1=")]
    [InlineData("r1= r2=2", "a1.1", "a2.2")]
    public void Check_ofASerialHistory_isClean(params string[] transactions) =>
        Assert.Empty(HistoryChecker.Check(Concurrent(transactions)).Anomalies);

    [Theory]
    [InlineData("a1.1", "r1=")]
    [InlineData("a1.1", "a1.2", "r1=2,1")]
    [InlineData("a1.1", "a2.2 r1=")]
    public void Check_againstRealTime_isSerializableOnly(params string[] transactions)
    {
        // One after the other, each in a session of its own.
        List<HistoryOperation> history = [.. Concurrent(transactions)
            .Select((operation, i) => operation with { InvokedAt = i * 10, CompletedAt = (i * 10) + 5 })];
        HistoryReport report = HistoryChecker.Check(history);
        Assert.EndsWith("-realtime", Assert.Single(report.Anomalies).Kind);
        Assert.True(report.IsSerializable && report.IsSessionSerializable && !report.IsStrict);

        // The same in one session: its order is lost.
        report = HistoryChecker.Check([.. history.Select(operation => operation with { Process = 1 })]);
        Assert.EndsWith("-process", Assert.Single(report.Anomalies).Kind);
        Assert.True(report.IsSerializable && !report.IsSessionSerializable);
    }

    [Fact]
    public void Check_ofConcurrentTransactions_hasNoRealTimeEdge()
    {
        List<HistoryOperation> history = Concurrent(["a1.1", "r1="]);
        Assert.Empty(HistoryChecker.Check([history[0] with { CompletedAt = 10 }, history[1] with { InvokedAt = 10 }]).Anomalies);
    }

    [Theory]
    [InlineData("lost-ack", "", "a1.1")]
    [InlineData("lost-ack", "1=2", "a1.1", "a1.2")]
    [InlineData("lost-ack", "1=1,2", "a1.1", "a1.2", "r1=1,2 a1.3")]
    [InlineData("failed-append", "1=1", "!a1.1")]
    [InlineData("failed-append", "1=2,1", "!a1.1", "a1.2")]
    [InlineData("failed-append", "2=3", "!a1.1 a2.3")]
    public void Check_ofTheEnd_findsWhatWasAcknowledgedWrongly(string kind, string final, params string[] transactions)
    {
        HistoryReport report = HistoryChecker.Check(Concurrent(transactions), Lists(final));
        Assert.Contains(kind, report.Anomalies.Select(anomaly => anomaly.Kind));
    }

    [Fact]
    public void ObservedPercent_ofUnreadAppends_isLow()
    {
        HistoryReport report = HistoryChecker.Check(Concurrent(["a1.1", "a1.2", "a1.3", "r1=1"]));
        Assert.Equal(33, report.ObservedPercent);
        Assert.False(report.IsMeaningful);
    }

    [Fact]
    public void Check_ofALongChain_doesNotRecurse()
    {
        var history = new List<HistoryOperation>();
        for (int i = 1; i <= 50_000; i++)
        {
            history.Add(new HistoryOperation
            {
                Process = i % 7,
                InvokedAt = i,
                CompletedAt = i + 10,
                Steps = [MicroOperation.OfRead(i - 1, i == 1 ? [] : [i - 1]), MicroOperation.OfAppend(i, i)],
            });
        }

        Assert.Empty(HistoryChecker.Check(history).Anomalies);
    }

    [Fact]
    public void Check_ofRandomHistories_agreesWithTryingAllOrders()
    {
        int invalid = 0;
        for (ulong seed = 1; seed <= RandomHistories; seed++)
        {
            (List<HistoryOperation> history, Dictionary<int, IReadOnlyList<int>> final) = RandomHistory.Run(new Prng(seed));
            bool serializable = BruteForceSerializer.IsSerializable(history, final);
            HistoryReport report = HistoryChecker.Check(history, final);
            Assert.True(
                serializable == report.IsSerializable,
                $"Seed {seed}: all orders say {serializable}, the checker {string.Join("; ", report.Anomalies)}; "
                + string.Join(" | ", history) + " end " + string.Join(' ', final.Select(list => $"{list.Key}=[{string.Join(' ', list.Value)}]")));
            invalid += serializable ? 0 : 1;
        }

        Assert.InRange(invalid, RandomHistories / 20, RandomHistories * 19 / 20);
    }

    // "a1.5" appends 5 to list 1, "r1=5,6" reads it; "!" failed, "?" unknown. All at the same time.
    private static List<HistoryOperation> Concurrent(string[] transactions) =>
        [.. transactions.Select((text, i) => new HistoryOperation
        {
            Process = 100 + i, InvokedAt = 0, CompletedAt = 10,
            Outcome = text[0] switch { '!' => HistoryOutcome.Fail, '?' => HistoryOutcome.Info, _ => HistoryOutcome.Ok },
            Steps = [.. text.TrimStart('!', '?').Split(' ').Select(Step)],
        })];

    private static MicroOperation Step(string text)
    {
        string[] parts = text[1..].Split('.', '=');
        return text[0] == 'a'
            ? MicroOperation.OfAppend(int.Parse(parts[0]), int.Parse(parts[1]))
            : MicroOperation.OfRead(int.Parse(parts[0]), Numbers(parts[1]));
    }

    private static int[] Numbers(string text) => text.Length == 0 ? [] : [.. text.Split(',').Select(int.Parse)];

    private static Dictionary<int, IReadOnlyList<int>> Lists(string text) => text.Length == 0 ? [] : text.Split(' ')
        .ToDictionary(list => int.Parse(list.Split('=')[0]), list => (IReadOnlyList<int>)Numbers(list.Split('=')[1]));
}
