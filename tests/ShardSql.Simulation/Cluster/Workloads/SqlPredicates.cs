using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Adya's G2 in SQL: whoever finds nothing of a number in either table, over all shards, inserts into one of
/// them; at most one of them all may. In one statement, or looking first.</summary>
internal sealed class SqlPredicates : IWorkload
{
    private const int RivalsPerNumber = 3;
    private const string Look =
        "SELECT (SELECT count(*) FROM seats WHERE number = @n) + (SELECT count(*) FROM places WHERE number = @n)";

    private static readonly string[] s_inserts =
        ["INSERT INTO seats VALUES (@id, @n)", "INSERT INTO places VALUES (@id, @n)"];

    private static readonly string[] s_wholes =
    [
        "INSERT INTO seats SELECT @id, @n WHERE NOT EXISTS (SELECT 1 FROM seats WHERE number = @n) "
            + "AND NOT EXISTS (SELECT 1 FROM places WHERE number = @n) RETURNING id",
        "INSERT INTO places SELECT @id, @n WHERE NOT EXISTS "
            + "(SELECT 1 FROM seats s FULL JOIN places p ON s.number = p.number WHERE coalesce(s.number, p.number) = @n) "
            + "RETURNING id",
    ];

    private readonly SortedDictionary<int, int> _inserted = [];
    private readonly List<string> _wrong = [];
    private int _begun;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng)
    {
        int id = ++_begun;
        return new Insert(this, (id - 1) / RivalsPerNumber, id, prng.Next(s_inserts.Length), prng.Chance(500_000));
    }

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        reached.Add("SQL: inserted where nothing was found", _inserted.Count);
        return _wrong.Concat(_inserted.Where(entry => entry.Value > 1)
            .Select(entry => $"G2 in SQL: {entry.Value} inserts of {entry.Key} were acknowledged"));
    }

    private sealed class Insert(SqlPredicates inserts, int number, int id, int table, bool isWhole)
        : SqlProgram("SQL predicate G2")
    {
        private long _found;
        private bool _inserts;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            (string, SqlValue)[] parameters = [("id", SqlValue.FromInt32(id)), ("n", SqlValue.FromInt32(number))];
            if (isWhole)
            {
                _inserts = (await transaction.RunAsync(s_wholes[table], parameters)).Count > 0;
                return;
            }

            _found = await transaction.NumberAsync(Look, parameters[1]);
            _inserts = _found == 0;
            if (_inserts)
            {
                await transaction.RunAsync(s_inserts[table], parameters);
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (!end.IsOk)
            {
                return;
            }

            if (_inserts)
            {
                inserts._inserted[number] = inserts._inserted.GetValueOrDefault(number) + 1;
            }
            else if (_found > 1)
            {
                inserts._wrong.Add($"G2 in SQL: {_found} rows of {number} were seen");
            }
        }
    }
}
