using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Data;
using ShardSql.Sql;

namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>
/// Money that moves within and across shards. Each transfer leaves three traces in one transaction: two balances, a row
/// with its unique id, and its id appended to a text. A lost commit lacks its row; one that took effect twice has its id
/// in the text twice and the wrong balances.
/// </summary>
internal sealed class Ledger(ShardSqlDataSource source)
{
    public const int Branches = 9;
    private const int AccountsOfBranch = 4;
    private const int IdsOfWriter = 1_000_000;
    private const long InitialBalance = 1_000;

    private readonly Lock _gate = new();
    private readonly HashSet<long> _acknowledged = [];
    private readonly HashSet<long> _unknown = [];
    private readonly HashSet<long> _refused = [];

    /// <summary>Acknowledged transfers.</summary>
    public Progress Acknowledged { get; } = new();

    /// <summary>Transfers whose outcome nobody told.</summary>
    public int UnknownCount
    {
        get
        {
            lock (_gate)
            {
                return _unknown.Count;
            }
        }
    }

    /// <summary>Transfers that surely did not happen.</summary>
    public int RefusedCount
    {
        get
        {
            lock (_gate)
            {
                return _refused.Count;
            }
        }
    }

    /// <summary>Makes the tables and their first rows.</summary>
    /// <param name="writers">Writers that will run.</param>
    public async Task SetUpAsync(int writers)
    {
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("CREATE TABLE branch (b INT PRIMARY KEY)");
        await connection.ExecuteAsync(
            "CREATE TABLE account (b INT, n INT, balance BIGINT NOT NULL, PRIMARY KEY (b, n)) COLOCATED WITH branch ON (b)");
        await connection.ExecuteAsync(
            "CREATE TABLE tally (b INT, w INT, ids TEXT NOT NULL, PRIMARY KEY (b, w)) COLOCATED WITH branch ON (b)");
        await connection.ExecuteAsync(
            "CREATE TABLE transfer (b INT, id BIGINT, n INT NOT NULL, to_b INT NOT NULL, to_n INT NOT NULL, "
            + "amount BIGINT NOT NULL, PRIMARY KEY (b, id)) COLOCATED WITH branch ON (b)");
        for (int b = 0; b < Branches; b++)
        {
            string accounts = string.Join(", ", Enumerable.Range(0, AccountsOfBranch).Select(n => $"({b}, {n}, {InitialBalance})"));
            string tallies = string.Join(", ", Enumerable.Range(0, writers).Select(w => $"({b}, {w}, '')"));
            await connection.ExecuteAsync($"INSERT INTO branch (b) VALUES ({b})");
            await connection.ExecuteAsync($"INSERT INTO account (b, n, balance) VALUES {accounts}");
            await connection.ExecuteAsync($"INSERT INTO tally (b, w, ids) VALUES {tallies}");
        }
    }

    /// <summary>Moves money until told to stop.</summary>
    public Task[] Start(int writers, int seed, CancellationToken stop) =>
        [.. Enumerable.Range(0, writers).Select(writer => Task.Run(() => WriteAsync(writer, new Random(seed + writer), stop), CancellationToken.None))];

    /// <summary>Reads everything at one snapshot and compares it with what was acknowledged before; fails unless all is
    /// as clients were told.</summary>
    public async Task VerifyAsync() => (await JudgeAsync()).AssertClean();

    /// <summary>The same, as a verdict.</summary>
    public async Task<LedgerVerdict> JudgeAsync()
    {
        long[] acknowledged;
        lock (_gate)
        {
            acknowledged = [.. _acknowledged];
        }

        (List<object[]> transfers, List<object[]> tallies, List<object[]> accounts) = await ReadAsync();
        List<long> rows = [.. transfers.Select(row => (long)row[0])];
        List<long> appended = [.. tallies.SelectMany(row => IdsOf((string)row[0]))];
        HashSet<long> present = [.. rows];
        HashSet<long> refused;
        lock (_gate)
        {
            refused = [.. _refused];
        }

        return new LedgerVerdict
        {
            Lost = [.. acknowledged.Where(id => !present.Contains(id))],
            Repeated = [.. Repeated(rows).Union(Repeated(appended))],
            Torn = [.. present.Except(appended), .. appended.Except(present)],
            Undead = [.. refused.Intersect(present)],
            WrongBalances = WrongBalances(transfers, accounts),
        };
    }

    private static IEnumerable<long> Repeated(IEnumerable<long> ids) =>
        ids.GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key);

    private static List<string> WrongBalances(List<object[]> transfers, List<object[]> accounts)
    {
        var expected = new SortedDictionary<(int, int), long>();
        for (int b = 0; b < Branches; b++)
        {
            for (int n = 0; n < AccountsOfBranch; n++)
            {
                expected[(b, n)] = InitialBalance;
            }
        }

        foreach (object[] row in transfers)
        {
            expected[((int)row[1], (int)row[2])] -= (long)row[5];
            expected[((int)row[3], (int)row[4])] += (long)row[5];
        }

        foreach (object[] row in accounts)
        {
            expected[((int)row[0], (int)row[1])] -= (long)row[2];
        }

        return [.. expected.Where(account => account.Value != 0).Select(account => $"{account.Key} by {-account.Value}")];
    }

    private static IEnumerable<long> IdsOf(string ids) => ids
        .Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Select(id => long.Parse(id, CultureInfo.InvariantCulture));

    private Task<(List<object[]> Transfers, List<object[]> Tallies, List<object[]> Accounts)> ReadAsync() =>
        source.ExecuteInTransactionAsync(
            async (connection, transaction, token) => (
                await connection.QueryAsync("SELECT id, b, n, to_b, to_n, amount FROM transfer", transaction, token),
                await connection.QueryAsync("SELECT ids FROM tally", transaction, token),
                await connection.QueryAsync("SELECT b, n, balance FROM account", transaction, token)),
            IsolationLevel.Snapshot,
            CancellationToken.None);

    private async Task WriteAsync(int writer, Random random, CancellationToken stop)
    {
        for (long id = (long)writer * IdsOfWriter; !stop.IsCancellationRequested; id++)
        {
            await TransferAsync(writer, id, random);
        }
    }

    private async Task TransferAsync(int writer, long id, Random random)
    {
        int from = random.Next(Branches);
        int to = random.Next(2) == 0 ? from : random.Next(Branches);
        int n = random.Next(AccountsOfBranch);
        int toN = (n + 1 + random.Next(AccountsOfBranch - 1)) % AccountsOfBranch;
        long amount = random.Next(1, 50);
        try
        {
            await source.ExecuteInTransactionAsync(async (connection, transaction, token) =>
            {
                await connection.ExecuteAsync(
                    "UPDATE account SET balance = balance - @amount WHERE b = @b AND n = @n",
                    transaction, token, ("amount", amount), ("b", from), ("n", n));
                await connection.ExecuteAsync(
                    "UPDATE account SET balance = balance + @amount WHERE b = @b AND n = @n",
                    transaction, token, ("amount", amount), ("b", to), ("n", toN));
                await connection.ExecuteAsync(
                    "INSERT INTO transfer (b, id, n, to_b, to_n, amount) VALUES (@b, @id, @n, @to_b, @to_n, @amount)",
                    transaction, token,
                    ("b", from), ("id", id), ("n", n), ("to_b", to), ("to_n", toN), ("amount", amount));
                await connection.ExecuteAsync(
                    "UPDATE tally SET ids = ids || @item WHERE b = @b AND w = @w",
                    transaction, token, ("item", $"{id};"), ("b", from), ("w", writer));
            });
            Note(_acknowledged, id);
            Acknowledged.Add();
        }
        catch (ShardSqlException error) when (error.Outcome == ShardSqlOutcome.Unknown)
        {
            Note(_unknown, id);
        }
        catch (ShardSqlException error) when (error.Outcome == ShardSqlOutcome.RolledBack
            || error.SqlState == SqlStates.SnapshotTooOld)
        {
            Note(_refused, id);
        }
    }

    private void Note(HashSet<long> ids, long id)
    {
        lock (_gate)
        {
            ids.Add(id);
        }
    }
}
