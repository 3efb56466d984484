using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>
/// Slates and scrolls, whose deltas are in order (sharding.md §4). A slate has a number that only grows, and what was written last:
/// always the number, because who writes has read it. What was written is added to a scroll as well, so it goes up there: once where the
/// number has grown, and with a minus where it was only read. One more scroll is added to by who has read nothing, twice in a
/// transaction: what two readers see of it, one sees first and the other goes on from there.
/// </summary>
internal sealed class SqlSlates : IWorkload
{
    private const int Slates = 2;
    private const int Blind = Slates;

    private readonly List<string> _wrong = [];
    private string _longest = "";
    private long _blindWords;
    private bool _isFilled;
    private int _seen;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng)
    {
        int id = prng.Next(Slates);
        return !_isFilled ? new Fill(this) : prng.Next(14) switch
        {
            0 or 1 => new See(this, id),
            2 => new SqlMerge("slates", "last", id, takesNoRange: prng.Chance(500_000)),
            3 => new SqlMerge("scrolls", "words", id, takesNoRange: prng.Chance(500_000)),
            4 => new Renew(id),
            5 or 6 => new Repeat(id),
            7 or 8 => new Scribble(++_blindWords),
            9 => new Read(this),
            10 => new SqlMerge("scrolls", "words", Blind, takesNoRange: prng.Chance(500_000)),
            _ => new Write(this, id),
        };
    }

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        reached.Add("SQL: slates seen", _seen);
        return _wrong;
    }

    private static (string Name, SqlValue Value) Id(int id) => ("id", SqlValue.FromInt32(id));

    private static (string Name, SqlValue Value) Number(long number) => ("number", SqlValue.FromInt64(number));

    private static (string Name, SqlValue Value) Word(long number) =>
        ("word", SqlValue.FromText(string.Create(CultureInfo.InvariantCulture, $" {number}")));

    private static long[] NumbersOf(string words) =>
        [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];

    private static Task<long> NumberOfAsync(SqlTransaction transaction, int id) =>
        transaction.NumberAsync("SELECT number FROM slates WHERE id = @id", Id(id));

    private static async Task SetAsync(SqlTransaction transaction, int id, long number, long word)
    {
        await transaction.RunAsync("UPDATE slates SET last = @number WHERE id = @id", Id(id), Number(number));
        await transaction.RunAsync("UPDATE scrolls SET words = words || @word WHERE id = @id", Id(id), Word(word));
    }

    private void Require(bool holds, string what)
    {
        if (!holds)
        {
            _wrong.Add("slates: " + what);
        }
    }

    private sealed class Fill(SqlSlates slates) : SqlProgram("SQL slates filled")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            long there = await transaction.NumberAsync("SELECT count(*) FROM slates");
            for (int id = 0; id < Slates && there == 0; id++)
            {
                await transaction.RunAsync("INSERT INTO slates VALUES (@id, 0, 0)", Id(id));
                await transaction.RunAsync("INSERT INTO scrolls VALUES (@id, '')", Id(id));
            }

            if (there == 0)
            {
                await transaction.RunAsync("INSERT INTO scrolls VALUES (@id, '')", Id(Blind));
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context) => slates._isFilled |= end.IsOk;
    }

    /// <summary>The number grows and is written, over something else.</summary>
    private sealed class Write(SqlSlates slates, int id) : SqlProgram("SQL slates written")
    {
        private long _number;
        private long _seen;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            _number = await NumberOfAsync(transaction, id) + 1;
            await transaction.RunAsync("UPDATE slates SET number = @number WHERE id = @id", Id(id), Number(_number));
            await transaction.RunAsync("UPDATE slates SET last = @number WHERE id = @id", Id(id), Number(-_number));
            await SetAsync(transaction, id, _number, _number);
            _seen = await transaction.NumberAsync("SELECT last FROM slates WHERE id = @id", Id(id));
        }

        public override void Ended(ProgramEnd end, TransactionContext context) => slates.Require(
            !end.IsOk || _seen == _number, string.Create(CultureInfo.InvariantCulture, $"wrote {_number} and saw {_seen}"));
    }

    /// <summary>What the number is, is written once more: by who has only read it.</summary>
    private sealed class Repeat(int id) : SqlProgram("SQL slates repeated")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            long number = await NumberOfAsync(transaction, id);
            await SetAsync(transaction, id, number, -number);
        }
    }

    /// <summary>Two words, the second with a minus, without a look.</summary>
    private sealed class Scribble(long number) : SqlProgram("SQL scrolls scribbled on")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            await transaction.RunAsync("UPDATE scrolls SET words = words || @word WHERE id = @id", Id(Blind), Word(number));
            await transaction.RunAsync("UPDATE scrolls SET words = words || @word WHERE id = @id", Id(Blind), Word(-number));
        }
    }

    /// <summary>What was scribbled, so far.</summary>
    private sealed class Read(SqlSlates slates) : SqlProgram("SQL scrolls read")
    {
        private string _words = "";

        public override async Task RunAsync(SqlTransaction transaction) =>
            _words = (await transaction.RowAsync("SELECT words FROM scrolls WHERE id = @id", Id(Blind)))[0].AsText();

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (!end.IsOk)
            {
                return;
            }

            (string first, string next) = _words.Length < slates._longest.Length
                ? (_words, slates._longest)
                : (slates._longest, _words);
            slates._longest = next;
            long[] numbers = NumbersOf(_words);
            slates.Require(
                next.StartsWith(first, StringComparison.Ordinal) && numbers.Chunk(2).All(static pair => pair.Sum() == 0)
                    && numbers.Distinct().Count() == numbers.Length,
                $"read '{first}' and '{next}'");
        }
    }

    /// <summary>Not as a delta.</summary>
    private sealed class Renew(int id) : SqlProgram("SQL slates renewed")
    {
        public override Task RunAsync(SqlTransaction transaction) =>
            transaction.RunAsync("UPDATE slates SET last = number + 0 * last WHERE id = @id", Id(id));
    }

    private sealed class See(SqlSlates slates, int id) : SqlProgram("SQL slates seen")
    {
        private long _number;
        private long _last;
        private long[] _words = [];

        public override async Task RunAsync(SqlTransaction transaction)
        {
            SqlValue[] found = await transaction.RowAsync(
                "SELECT s.number, s.last, w.words FROM slates s JOIN scrolls w ON w.id = s.id WHERE s.id = @id", Id(id));
            (_number, _last) = (found[0].AsInt64(), found[1].AsInt64());
            _words = NumbersOf(found[2].AsText());
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (!end.IsOk)
            {
                return;
            }

            slates._seen++;
            slates.Require(
                _last == _number && _words.Where(static word => word > 0).SequenceEqual(EnumerableOf(_number))
                    && _words.Zip(_words.Skip(1), static (first, next) => long.Abs(first) <= long.Abs(next)).All(static goesUp => goesUp),
                string.Create(CultureInfo.InvariantCulture, $"number {_number}, last {_last}, words {string.Join(' ', _words)}"));
        }

        private static IEnumerable<long> EnumerableOf(long count) => Enumerable.Range(1, (int)count).Select(static number => (long)number);
    }
}
