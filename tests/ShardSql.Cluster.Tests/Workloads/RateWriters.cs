using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Data;

using Xunit;

namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>
/// A reference table of rates and its writers. Each has codes that nobody else writes: one that it counts up again and again, and
/// others in turn, which it counts up, takes away and puts back. So what each copy must hold is known.
/// </summary>
internal sealed class RateWriters : IAsyncDisposable
{
    private const int RowsOfInsert = 1_000;
    private const int Stride = 7;
    private const int TurnsOfChange = 8;

    private readonly ShardSqlDataSource _source;
    private readonly CancellationTokenSource _stop = new();
    private readonly Expected[] _expected;
    private readonly Task[] _writers;

    private RateWriters(ShardSqlDataSource source, int rates, int writers)
    {
        _source = source;
        _expected = [.. Enumerable.Range(0, rates).Select(static _ => new Expected())];
        _writers = [.. Enumerable.Range(0, writers).Select(writer => Task.Run(() => WriteAsync(writer, writers)))];
    }

    /// <summary>Acknowledged statements.</summary>
    public Progress Acknowledged { get; } = new();

    /// <summary>Makes the table and starts to write.</summary>
    /// <param name="source">The way to the cluster.</param>
    /// <param name="rates">Rows at first.</param>
    /// <param name="writers">How many.</param>
    public static async Task<RateWriters> StartAsync(ShardSqlDataSource source, int rates, int writers)
    {
        await source.ExecuteAsync("CREATE TABLE rate (code int PRIMARY KEY, n bigint NOT NULL, name text NOT NULL) REFERENCE");
        foreach (int[] codes in Enumerable.Range(0, rates).Chunk(RowsOfInsert))
        {
            await source.ExecuteAsync(
                "INSERT INTO rate VALUES " + string.Join(", ", codes.Select(static code => $"({code}, 0, 'name {code}')")));
        }

        return new RateWriters(source, rates, writers);
    }

    /// <summary>Ends when so many more have been acknowledged.</summary>
    public Task MoreAsync(int count) => Acknowledged.MoreAsync(count, _writers);

    /// <summary>Lets the writers come to their end.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_writers);
    }

    /// <summary>Fails where a copy of the table is not what was acknowledged; writers have ended.</summary>
    /// <param name="copy">Its rows: code, n.</param>
    public void Verify(IEnumerable<object[]> copy)
    {
        var there = copy.ToDictionary(static row => (int)row[0], static row => (long)row[1]);
        Assert.All(there.Keys, code => Assert.InRange(code, 0, _expected.Length - 1));
        for (int code = 0; code < _expected.Length; code++)
        {
            long? n = there.TryGetValue(code, out long counted) ? counted : null;
            Assert.True(_expected[code].Possible.Contains(n), $"code {code} counts {n}, not {_expected[code]}");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
    }

    private async Task WriteAsync(int writer, int writers)
    {
        int codes = (_expected.Length / writers) - 1;
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            await CountAsync(writer);
            int other = (((i * Stride) % codes + 1) * writers) + writer;
            await CountAsync(other);
            if (i % TurnsOfChange == 0)
            {
                await ChangeAsync(other, $"DELETE FROM rate WHERE code = {other}", static _ => null);
                if (i % (2 * TurnsOfChange) == 0)
                {
                    await ChangeAsync(
                        other,
                        $"INSERT INTO rate VALUES ({other}, 0, 'again') ON CONFLICT (code) DO UPDATE SET n = 0",
                        static _ => 0);
                }
            }
        }
    }

    private Task CountAsync(int code) =>
        ChangeAsync(code, $"UPDATE rate SET n = n + 1 WHERE code = {code}", static n => n + 1);

    private async Task ChangeAsync(int code, string sql, Func<long?, long?> change)
    {
        Expected expected = _expected[code];
        try
        {
            await _source.ExecuteAsync(sql);
            expected.Possible = [.. expected.Possible.Select(change)];
            Acknowledged.Add();
        }
        catch (ShardSqlException error) when (error.Outcome == ShardSqlOutcome.Unknown)
        {
            expected.Possible.UnionWith([.. expected.Possible.Select(change)]);
        }
        catch (ShardSqlException error) when (error.Outcome == ShardSqlOutcome.RolledBack)
        {
            // Nothing has changed.
            return;
        }
    }

    /// <summary>What a code may count; null: it is not there.</summary>
    private sealed class Expected
    {
        public HashSet<long?> Possible { get; set; } = [0];

        public override string ToString() => string.Join(" or ", Possible.Select(static n => n?.ToString(CultureInfo.InvariantCulture) ?? "gone"));
    }
}
