using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Names that are unique over all shards, by an index whose entries lie elsewhere than their rows: rivals insert,
/// rename and delete. No name is ever seen twice, and index and rows always tell the same.</summary>
internal sealed class SqlUniqueNames : IWorkload
{
    private const int Names = 12;
    private const int Ids = 24;

    private readonly List<string> _wrong = [];
    private int _seen;
    private int _claims;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng)
    {
        SqlValue id = SqlValue.FromInt32(prng.Next(Ids));
        SqlValue name = SqlValue.FromText("n" + prng.Next(Names).ToString(System.Globalization.CultureInfo.InvariantCulture));
        return prng.Next(7) switch
        {
            0 => new Compare(this, name),
            4 => new Claim(SqlValue.FromInt32(Ids + ++_claims), name),
            1 => new Change("UPDATE names SET name = @name WHERE id = @id", id, name),
            2 => new Change("DELETE FROM names WHERE name = @name AND id <> @id", id, name),
            3 => new Change(
                "INSERT INTO names VALUES (@id, @name, 1) ON CONFLICT (name) DO UPDATE SET kind = names.kind + 1", id, name),
            _ => new Change("INSERT INTO names VALUES (@id, @name, 0)", id, name),
        };
    }

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        reached.Add("SQL: names seen by their index", _seen);
        return _wrong;
    }

    private sealed class Change(string sql, SqlValue id, SqlValue name) : SqlProgram("SQL unique name")
    {
        public override bool MayFailWith(string sqlState) => sqlState == SqlStates.UniqueViolation;

        public override async Task RunAsync(SqlTransaction transaction) =>
            await transaction.RunAsync(sql, ("id", id), ("name", name));
    }

    /// <summary>A name that no row has can be taken: nothing of former rows is left in the index.</summary>
    private sealed class Claim(SqlValue id, SqlValue name) : SqlProgram("SQL claim of a name")
    {
        private bool _isFree;

        public override bool MayFailWith(string sqlState) => sqlState == SqlStates.UniqueViolation && !_isFree;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            _isFree = await transaction.NumberAsync(
                "SELECT count(*) FROM names WHERE concat(name, '') = @name", ("name", name)) == 0;
            await transaction.RunAsync("INSERT INTO names VALUES (@id, @name, 2)", ("id", id), ("name", name));
        }
    }

    private sealed class Compare(SqlUniqueNames names, SqlValue name) : SqlProgram("SQL name by index")
    {
        private string _byIndex = "";
        private string _byScan = "";
        private int _count;
        private bool _isEachOnce;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            List<SqlValue[]> found = await transaction.RunAsync(
                "SELECT id, kind FROM names WHERE name = @name", ("name", name));
            _count = found.Count;
            _byIndex = Text(found);
            _byScan = Text(await transaction.RunAsync(
                "SELECT id, kind FROM names WHERE concat(name, '') = @name", ("name", name)));
            List<SqlValue[]> all = await transaction.RunAsync("SELECT id, name FROM names");
            _isEachOnce = all.DistinctBy(row => row[0].AsInt64()).Count() == all.Count;
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (!end.IsOk)
            {
                return;
            }

            names._seen += _count;
            if (!_isEachOnce)
            {
                names._wrong.Add("unique names in SQL: a row was given twice");
            }

            if (_count > 1 || _byIndex != _byScan)
            {
                names._wrong.Add($"unique names in SQL: {name.ToText()} was found as {{{_byIndex}}} and as {{{_byScan}}}");
            }
        }

        private static string Text(List<SqlValue[]> rows) =>
            string.Join(", ", rows.Select(row => string.Join('|', row.Select(value => value.ToText()))));
    }
}
