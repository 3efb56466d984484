using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Data;

namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>Writers of a ledger while the cluster under them is shaken, and the look at what is there in the end.</summary>
internal sealed class LedgerRun : IDisposable
{
    private const int LastAcknowledged = 20;

    private readonly CancellationTokenSource _stop = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Ledger _ledger;
    private readonly Task[] _writers;
    private readonly Task[] _watched;

    private LedgerRun(Ledger ledger, int writers, int seed, Task[] watched)
    {
        _ledger = ledger;
        _writers = ledger.Start(writers, seed, _stop.Token);
        _watched = [.. _writers, .. watched];
    }

    /// <summary>What came of it, in a line.</summary>
    public string Figures => $"{Stopwatch.GetElapsedTime(_started).TotalSeconds:0.0} s: {_ledger.Acknowledged.Count} "
        + $"acknowledged, {_ledger.UnknownCount} unknown, {_ledger.RefusedCount} refused";

    /// <summary>Makes the ledger and starts its writers.</summary>
    /// <param name="source">The way to the cluster.</param>
    /// <param name="writers">How many.</param>
    /// <param name="seed">Of what they write.</param>
    /// <param name="watched">Tasks whose failure ends the run.</param>
    public static async Task<LedgerRun> StartAsync(
        ShardSqlDataSource source, int writers, int seed, params Task[] watched)
    {
        var ledger = new Ledger(source);
        await ledger.SetUpAsync(writers);
        return new LedgerRun(ledger, writers, seed, watched);
    }

    /// <summary>Ends when so many more have been acknowledged.</summary>
    public Task MoreAsync(int count) => _ledger.Acknowledged.MoreAsync(count, _watched);

    /// <summary>Fails where something acknowledged is lost or there twice.</summary>
    public Task VerifyAsync() => _ledger.VerifyAsync();

    /// <summary>Lets the writers come to their end, and looks.</summary>
    public async Task EndAsync()
    {
        await MoreAsync(LastAcknowledged);
        await _stop.CancelAsync();
        await Task.WhenAll(_writers);
        await VerifyAsync();
    }

    public void Dispose() => _stop.Dispose();
}
