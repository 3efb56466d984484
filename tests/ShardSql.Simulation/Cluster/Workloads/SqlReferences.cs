using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Rows that refer to rows of other shards: owners come and go, dogs keep theirs from being deleted, cats go with
/// them. No reader ever sees a pet without its owner.</summary>
internal sealed class SqlReferences : IWorkload
{
    private const int Owners = 12;

    private static readonly string[] s_changes =
    [
        "INSERT INTO owners VALUES (@owner) ON CONFLICT DO NOTHING",
        "DELETE FROM owners WHERE id = @owner",
        "DELETE FROM dogs WHERE owner = @owner",
        "INSERT INTO dogs VALUES (@id, @owner)",
        "INSERT INTO cats VALUES (@id, @owner)",
        "UPDATE cats SET owner = @owner WHERE id IN (SELECT max(id) FROM cats)",
    ];

    private readonly List<string> _wrong = [];
    private int _begun;
    private long _seen;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng)
    {
        int drawn = prng.Next(s_changes.Length + 1);
        return drawn == s_changes.Length
            ? new LookForStrays(this)
            : new Change(s_changes[drawn], ++_begun, prng.Next(Owners));
    }

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        reached.Add("SQL: pets seen", _seen);
        return _wrong;
    }

    private sealed class Change(string sql, int id, int owner) : SqlProgram("SQL reference")
    {
        public override bool MayFailWith(string sqlState) => sqlState == SqlStates.ForeignKeyViolation;

        public override async Task RunAsync(SqlTransaction transaction) => await transaction.RunAsync(
            sql, ("id", SqlValue.FromInt32(id)), ("owner", SqlValue.FromInt32(owner)));
    }

    private sealed class LookForStrays(SqlReferences references) : SqlProgram("SQL strays")
    {
        private long _pets;
        private long _strays;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            _pets = await transaction.NumberAsync("SELECT (SELECT count(*) FROM dogs) + (SELECT count(*) FROM cats)");
            _strays = await transaction.NumberAsync(
                "SELECT (SELECT count(*) FROM dogs d LEFT JOIN owners o ON o.id = d.owner WHERE o.id IS NULL) "
                    + "+ (SELECT count(*) FROM cats c WHERE NOT EXISTS (SELECT 1 FROM owners o WHERE o.id = c.owner))");
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (!end.IsOk)
            {
                return;
            }

            references._seen += _pets;
            if (_strays > 0)
            {
                references._wrong.Add($"references in SQL: {_strays} of {_pets} pets had no owner");
            }
        }
    }
}
