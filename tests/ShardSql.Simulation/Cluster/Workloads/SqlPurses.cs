using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>
/// Purses whose coins spill over (sharding.md §4): coins go from one to another as deltas, while deltas are merged, coins
/// are counted and laid down anew, and purses are thrown away and bought again. No coin is lost or made.
/// </summary>
internal sealed class SqlPurses : IWorkload
{
    private const int Purses = 3;
    private const long CoinsOfEach = 100;
    private const string Give = "UPDATE purses SET coins = coins + @coins WHERE id = @id";

    private readonly List<string> _wrong = [];
    private bool _isFilled;
    private int _seen;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng)
    {
        int first = prng.Next(Purses);
        int second = (first + prng.Next(1, Purses)) % Purses;
        int coins = prng.Next(1, 10);
        return !_isFilled ? new Fill(this) : prng.Next(12) switch
        {
            0 => new CountAll(this),
            1 => new CountTwice(this, first, coins),
            2 or 3 => new Merge(first),
            4 => new LayDown(first, second, coins),
            5 => new Empty(first, second),
            6 => new Look(first),
            _ => new Transfer(first, second, coins),
        };
    }

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        reached.Add("SQL: purses seen", _seen);
        return _wrong;
    }

    private static (string Name, SqlValue Value) Id(int id) => ("id", SqlValue.FromInt32(id));

    private static (string Name, SqlValue Value) Coins(long coins) => ("coins", SqlValue.FromInt64(coins));

    private static async Task<long?> CoinsOfAsync(SqlTransaction transaction, int id) =>
        (await transaction.RunAsync("SELECT coins FROM purses WHERE id = @id", Id(id))) is [var row] ? row[0].AsInt64() : null;

    private void Require(bool holds, string what)
    {
        if (!holds)
        {
            _wrong.Add("purses: " + what);
        }
    }

    private sealed class Fill(SqlPurses purses) : SqlProgram("SQL purses filled")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            for (int id = 0; id < Purses; id++)
            {
                await transaction.RunAsync(
                    "INSERT INTO purses VALUES (@id, @coins, 0) ON CONFLICT (id) DO NOTHING", Id(id), Coins(CoinsOfEach));
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context) => purses._isFilled |= end.IsOk;
    }

    /// <summary>Deltas of two purses; one that is not there gives and takes nothing.</summary>
    private sealed class Transfer(int from, int to, int coins) : SqlProgram("SQL coins given")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            if (await transaction.ChangeAsync(Give, Id(to), Coins(coins)) == 1
                && await transaction.ChangeAsync(Give, Id(from), Coins(-coins)) == 0)
            {
                await transaction.RunAsync(Give, Id(to), Coins(-coins));
            }
        }
    }

    /// <summary>What an UPDATE of the column by itself does is what a merge does.</summary>
    private sealed class Merge(int id) : SqlProgram("SQL deltas merged")
    {
        public override Task RunAsync(SqlTransaction transaction) =>
            transaction.RunAsync("UPDATE purses SET coins = coins WHERE id = @id", Id(id));
    }

    /// <summary>Writes of other columns leave deltas alone.</summary>
    private sealed class Look(int id) : SqlProgram("SQL purse looked at")
    {
        public override Task RunAsync(SqlTransaction transaction) =>
            transaction.RunAsync("UPDATE purses SET looks = looks + 1 WHERE id = @id", Id(id));
    }

    /// <summary>Coins are counted, and laid down in other shares.</summary>
    private sealed class LayDown(int from, int to, int coins) : SqlProgram("SQL coins laid down")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            if (await CoinsOfAsync(transaction, from) is { } first && await CoinsOfAsync(transaction, to) is { } second)
            {
                const string lay = "UPDATE purses SET coins = @coins WHERE id = @id";
                await transaction.RunAsync(lay, Id(from), Coins(first - coins));
                await transaction.RunAsync(lay, Id(to), Coins(second + coins));
            }
        }
    }

    /// <summary>A purse is thrown away and its coins go to another; one that is not there is bought again, empty.</summary>
    private sealed class Empty(int id, int to) : SqlProgram("SQL purse emptied")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            if (await CoinsOfAsync(transaction, id) is not { } coins)
            {
                await transaction.RunAsync("INSERT INTO purses VALUES (@id, 0, 0)", Id(id));
            }
            else if (await transaction.ChangeAsync(Give, Id(to), Coins(coins)) == 1)
            {
                await transaction.RunAsync("DELETE FROM purses WHERE id = @id", Id(id));
            }
        }
    }

    private sealed class CountAll(SqlPurses purses) : SqlProgram("SQL coins counted")
    {
        private long _sum;
        private long _byPurse;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            _sum = await transaction.NumberAsync("SELECT CAST(coalesce(sum(coins), 0) AS bigint) FROM purses");
            _byPurse = 0;
            for (int id = 0; id < Purses; id++)
            {
                _byPurse += await CoinsOfAsync(transaction, id) ?? 0;
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk)
            {
                purses._seen++;
                purses.Require(
                    _sum == Purses * CoinsOfEach && _byPurse == _sum,
                    string.Create(CultureInfo.InvariantCulture, $"{_sum} coins in all, {_byPurse} by purse"));
            }
        }
    }

    /// <summary>A transaction sees the coins that it has given.</summary>
    private sealed class CountTwice(SqlPurses purses, int id, int coins) : SqlProgram("SQL coins counted twice")
    {
        private long? _before;
        private long? _between;
        private long? _after;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            _before = await CoinsOfAsync(transaction, id);
            await transaction.RunAsync(Give, Id(id), Coins(coins));
            _between = await CoinsOfAsync(transaction, id);
            await transaction.RunAsync(Give, Id(id), Coins(-coins));
            _after = await CoinsOfAsync(transaction, id);
        }

        public override void Ended(ProgramEnd end, TransactionContext context) => purses.Require(
            !end.IsOk || (_between == _before + coins && _after == _before),
            string.Create(CultureInfo.InvariantCulture, $"{_before}, then {_between} with {coins} more, then {_after}"));
    }
}
