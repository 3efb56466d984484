using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Data;
using ShardSql.Simulation.Checking;

namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>
/// Elle's list-append workload (studies/reliability.md §3): transactions read lists and append unique numbers to them;
/// a few lists at a time are hot, and are left alone when they have grown long.
/// </summary>
/// <param name="source">The cluster.</param>
/// <param name="keysMax">How many lists there are.</param>
internal sealed class ListAppend(ShardSqlDataSource source, int keysMax = 400)
{
    private const int ActiveKeys = 5;
    private const int AppendsPerKey = 40;
    private const int StepsMax = 5;

    private readonly Lock _gate = new();
    private readonly List<HistoryOperation> _history = [];
    private readonly int[] _appends = new int[keysMax];
    private readonly int[] _active = [.. Enumerable.Range(0, ActiveKeys)];
    private Task[] _running = [];
    private int _nextKey = ActiveKeys;
    private int _nextElement;
    private int _nextProcess;

    /// <summary>Committed transactions.</summary>
    public Progress Committed { get; } = new();

    /// <summary>Everything that was tried so far.</summary>
    public IReadOnlyList<HistoryOperation> History
    {
        get
        {
            lock (_gate)
            {
                return [.. _history];
            }
        }
    }

    /// <summary>Ends when every transaction that runs now has ended, one way or another.</summary>
    public Task EndOfRunningAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_running);
        }
    }

    /// <summary>Makes the lists.</summary>
    public async Task SetUpAsync()
    {
        await source.ExecuteAsync("CREATE TABLE la (k INT PRIMARY KEY, v TEXT NOT NULL)");
        string rows = string.Join(", ", Enumerable.Range(0, keysMax).Select(key => $"({key}, '')"));
        await source.ExecuteAsync($"INSERT INTO la (k, v) VALUES {rows}");
    }

    /// <summary>Reads and appends until told to stop.</summary>
    public Task[] Start(int clients, int seed, CancellationToken stop)
    {
        _running = [.. Enumerable.Repeat(Task.CompletedTask, clients)];
        return
        [
            .. Enumerable.Range(0, clients).Select(client => Task.Run(
                () => RunAsync(client, new Random(seed + client), stop), CancellationToken.None)),
        ];
    }

    /// <summary>All lists.</summary>
    public async Task<IReadOnlyDictionary<int, IReadOnlyList<int>>> ReadAllAsync() =>
        (await source.QueryAsync("SELECT k, v FROM la")).ToDictionary(
            row => (int)row[0], row => (IReadOnlyList<int>)ListOf(row[1]));

    private static int[] ListOf(object value) =>
    [
        .. ((string)value).Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(element => int.Parse(element, CultureInfo.InvariantCulture)),
    ];

    private async Task RunAsync(int client, Random random, CancellationToken stop)
    {
        int process = Interlocked.Increment(ref _nextProcess);
        while (!stop.IsCancellationRequested)
        {
            Task<HistoryOutcome> running = TransactAsync(process, Plan(random));
            lock (_gate)
            {
                _running[client] = running;
            }

            HistoryOutcome outcome = await running;
            if (outcome == HistoryOutcome.Info)
            {
                // It may still be on its way, so what comes next is not after it.
                process = Interlocked.Increment(ref _nextProcess);
            }
        }
    }

    private List<(int Key, int? Append)> Plan(Random random)
    {
        lock (_gate)
        {
            var plan = new List<(int Key, int? Append)>();
            for (int steps = random.Next(1, StepsMax + 1); steps > 0; steps--)
            {
                int place = random.Next(ActiveKeys);
                int key = _active[place];
                if (random.Next(2) == 0)
                {
                    plan.Add((key, null));
                    continue;
                }

                plan.Add((key, _nextElement++));
                if (++_appends[key] >= AppendsPerKey && _nextKey < keysMax)
                {
                    _active[place] = _nextKey++;
                }
            }

            return plan;
        }
    }

    private async Task<HistoryOutcome> TransactAsync(int process, List<(int Key, int? Append)> plan)
    {
        long invoked = Stopwatch.GetTimestamp();
        List<MicroOperation> planned =
            [.. plan.Select(step => step.Append is { } element ? MicroOperation.OfAppend(step.Key, element) : MicroOperation.OfRead(step.Key))];
        try
        {
            List<MicroOperation> done = await source.ExecuteInTransactionAsync(
                (connection, transaction, token) => StepsAsync(plan, connection, transaction, token));
            Note(process, invoked, HistoryOutcome.Ok, done);
            Committed.Add();
            return HistoryOutcome.Ok;
        }
        catch (ShardSqlException error) when (error.Outcome == ShardSqlOutcome.Unknown)
        {
            Note(process, invoked, HistoryOutcome.Info, planned);
            return HistoryOutcome.Info;
        }
        catch (ShardSqlException error) when (error.Outcome == ShardSqlOutcome.RolledBack)
        {
            Note(process, invoked, HistoryOutcome.Fail, planned);
            return HistoryOutcome.Fail;
        }
    }

    private static async Task<List<MicroOperation>> StepsAsync(
        List<(int Key, int? Append)> plan,
        ShardSqlConnection connection,
        ShardSqlTransaction transaction,
        CancellationToken cancellationToken)
    {
        var done = new List<MicroOperation>();
        foreach ((int key, int? append) in plan)
        {
            if (append is { } element)
            {
                await connection.ExecuteAsync(
                    "UPDATE la SET v = v || @item WHERE k = @k", transaction, cancellationToken, ("item", $"{element};"), ("k", key));
                done.Add(MicroOperation.OfAppend(key, element));
            }
            else
            {
                List<object[]> rows = await connection.QueryAsync(
                    "SELECT v FROM la WHERE k = @k", transaction, cancellationToken, ("k", key));
                done.Add(MicroOperation.OfRead(key, ListOf(rows[0][0])));
            }
        }

        return done;
    }

    private void Note(int process, long invoked, HistoryOutcome outcome, List<MicroOperation> steps)
    {
        var operation = new HistoryOperation
        {
            Process = process,
            InvokedAt = invoked,
            CompletedAt = Stopwatch.GetTimestamp(),
            Outcome = outcome,
            Steps = steps,
        };
        lock (_gate)
        {
            _history.Add(operation);
        }
    }
}
