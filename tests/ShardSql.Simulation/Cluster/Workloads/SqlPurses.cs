using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>
/// Purses whose coins spill over (sharding.md §4): coins go from one to another as deltas, while deltas are merged, coins
/// are counted and laid down anew, and purses are thrown away and bought again. No coin is lost or made. In the table that is
/// bounded no purse ever owes any.
/// </summary>
internal sealed class SqlPurses(string table, bool isBounded) : IWorkload
{
    /// <summary>The table whose purses may owe coins.</summary>
    public const string Table = "purses";

    /// <summary>The table whose purses may not.</summary>
    public const string BoundedTable = "safes";

    private const int Purses = 3;
    private const long CoinsOfEach = 100;

    private readonly int _coinsMax = isBounded ? 60 : 10;
    private readonly string _give = $"UPDATE {table} SET coins = coins + @coins WHERE id = @id";

    private readonly List<string> _wrong = [];
    private bool _isFilled;
    private int _seen;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng)
    {
        int first = prng.Next(Purses);
        int second = (first + prng.Next(1, Purses)) % Purses;
        int coins = prng.Next(1, _coinsMax);
        return !_isFilled ? new Fill(this) : prng.Next(12) switch
        {
            0 => new CountAll(this),
            1 => new CountTwice(this, first, coins),
            2 or 3 => new Merge(this, first, takesNoRange: prng.Chance(500_000)),
            4 => new LayDown(this, first, second, coins),
            5 => new Empty(this, first, second),
            6 => new Look(this, first),
            _ => new Transfer(this, first, second, coins),
        };
    }

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        reached.Add($"SQL: {table} seen", _seen);
        return _wrong;
    }

    private static (string Name, SqlValue Value) Id(int id) => ("id", SqlValue.FromInt32(id));

    private static (string Name, SqlValue Value) Coins(long coins) => ("coins", SqlValue.FromInt64(coins));

    private string TableName => table;

    private bool IsBounded => isBounded;

    private async Task<long?> CoinsOfAsync(SqlTransaction transaction, int id) =>
        (await transaction.RunAsync($"SELECT coins FROM {table} WHERE id = @id", Id(id))) is [var row] ? row[0].AsInt64() : null;

    private void Require(bool holds, string what)
    {
        if (!holds)
        {
            _wrong.Add($"{table}: {what}");
        }
    }

    /// <summary>Where no coins may be owed, who takes more than there are is told so.</summary>
    private abstract class PurseProgram(string what, SqlPurses purses) : SqlProgram($"SQL {purses.TableName} {what}")
    {
        protected SqlPurses Owner { get; } = purses;

        public override bool MayFailWith(string sqlState) => Owner.IsBounded && sqlState == SqlStates.CheckViolation;
    }

    private sealed class Fill(SqlPurses purses) : PurseProgram("filled", purses)
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            // One purse is always left, so nobody fills the table twice.
            long there = await transaction.NumberAsync($"SELECT count(*) FROM {Owner.TableName}");
            for (int id = 0; id < Purses && there == 0; id++)
            {
                await transaction.RunAsync($"INSERT INTO {Owner.TableName} VALUES (@id, @coins, 0)", Id(id), Coins(CoinsOfEach));
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context) => Owner._isFilled |= end.IsOk;
    }

    /// <summary>Deltas of two purses; one that is not there gives and takes nothing.</summary>
    private sealed class Transfer(SqlPurses purses, int from, int to, int coins) : PurseProgram("given", purses)
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            if (await transaction.ChangeAsync(Owner._give, Id(to), Coins(coins)) == 1
                && await transaction.ChangeAsync(Owner._give, Id(from), Coins(-coins)) == 0)
            {
                await transaction.RunAsync(Owner._give, Id(to), Coins(-coins));
            }
        }
    }

    /// <summary>What an UPDATE of the column by itself does is what a merge does, which need not take the range of the deltas: what
    /// comes meanwhile is not its business.</summary>
    private sealed class Merge(SqlPurses purses, int id, bool takesNoRange) : PurseProgram("merged", purses)
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            await transaction.RunAsync($"UPDATE {Owner.TableName} SET coins = coins WHERE id = @id", Id(id));
            if (takesNoRange)
            {
                transaction.ForgetRanges(Owner.TableName);
            }
        }
    }

    /// <summary>Writes of other columns leave deltas alone.</summary>
    private sealed class Look(SqlPurses purses, int id) : PurseProgram("looked at", purses)
    {
        public override Task RunAsync(SqlTransaction transaction) =>
            transaction.RunAsync($"UPDATE {Owner.TableName} SET looks = looks + 1 WHERE id = @id", Id(id));
    }

    /// <summary>Coins are counted, and laid down in other shares.</summary>
    private sealed class LayDown(SqlPurses purses, int from, int to, int coins) : PurseProgram("laid down", purses)
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            if (await Owner.CoinsOfAsync(transaction, from) is { } first && await Owner.CoinsOfAsync(transaction, to) is { } second)
            {
                string lay = $"UPDATE {Owner.TableName} SET coins = @coins WHERE id = @id";
                await transaction.RunAsync(lay, Id(from), Coins(first - coins));
                await transaction.RunAsync(lay, Id(to), Coins(second + coins));
            }
        }
    }

    /// <summary>A purse is thrown away and its coins go to another; one that is not there is bought again, empty.</summary>
    private sealed class Empty(SqlPurses purses, int id, int to) : PurseProgram("emptied", purses)
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            if (await Owner.CoinsOfAsync(transaction, id) is not { } coins)
            {
                await transaction.RunAsync($"INSERT INTO {Owner.TableName} VALUES (@id, 0, 0)", Id(id));
            }
            else if (await transaction.ChangeAsync(Owner._give, Id(to), Coins(coins)) == 1)
            {
                await transaction.RunAsync($"DELETE FROM {Owner.TableName} WHERE id = @id", Id(id));
            }
        }
    }

    private sealed class CountAll(SqlPurses purses) : PurseProgram("counted", purses)
    {
        private long _sum;
        private long _byPurse;
        private long _least;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            _sum = await transaction.NumberAsync($"SELECT CAST(coalesce(sum(coins), 0) AS bigint) FROM {Owner.TableName}");
            (_byPurse, _least) = (0, 0);
            for (int id = 0; id < Purses; id++)
            {
                long coins = await Owner.CoinsOfAsync(transaction, id) ?? 0;
                _byPurse += coins;
                _least = long.Min(_least, coins);
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk)
            {
                Owner._seen++;
                Owner.Require(
                    _sum == Purses * CoinsOfEach && _byPurse == _sum && (_least == 0 || !Owner.IsBounded),
                    string.Create(CultureInfo.InvariantCulture, $"{_sum} coins in all, {_byPurse} by purse, {_least} at least"));
            }
        }
    }

    /// <summary>A transaction sees the coins that it has given.</summary>
    private sealed class CountTwice(SqlPurses purses, int id, int coins) : PurseProgram("counted twice", purses)
    {
        private long? _before;
        private long? _between;
        private long? _after;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            _before = await Owner.CoinsOfAsync(transaction, id);
            await transaction.RunAsync(Owner._give, Id(id), Coins(coins));
            _between = await Owner.CoinsOfAsync(transaction, id);
            await transaction.RunAsync(Owner._give, Id(id), Coins(-coins));
            _after = await Owner.CoinsOfAsync(transaction, id);
        }

        public override void Ended(ProgramEnd end, TransactionContext context) => Owner.Require(
            !end.IsOk || (_between == _before + coins && _after == _before),
            string.Create(CultureInfo.InvariantCulture, $"{_before}, then {_between} with {coins} more, then {_after}"));
    }
}
