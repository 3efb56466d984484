using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>A question about keys of one foreign key: which parents are there, or which rows refer.</summary>
/// <param name="reference">The foreign key.</param>
/// <param name="forParents">Whether the parent's rows are looked for, or those that refer to them.</param>
/// <param name="breaksOff">Whether one row tells enough.</param>
internal sealed class LookUp(Reference reference, bool forParents, bool breaksOff)
{
    private readonly SortedDictionary<byte[], SqlValue[]> _keys = new(ByteKeyComparer.Instance);

    /// <summary>The foreign key.</summary>
    public Reference Reference => reference;

    /// <summary>Whether the parent's rows are looked for.</summary>
    public bool ForParents => forParents;

    /// <summary>The keys, with their values.</summary>
    public SortedDictionary<byte[], SqlValue[]> Keys => _keys;

    private TableDescriptor Table => forParents ? reference.Parent : reference.Child;

    private IReadOnlyList<int> Columns => forParents ? reference.ParentColumns : reference.Columns;

    /// <summary>The key of a row that was found.</summary>
    public byte[] KeyOf(SqlValue[] row) => ReferenceKeys.Of(ReferenceKeys.ValuesOf(row, Columns))!;

    /// <summary>The readings of whole rows.</summary>
    public IEnumerable<StatementPlan> Rows(PlanningContext context) =>
        _keys.Values.Chunk(ForeignKeyLimits.LookUpKeysMax).Select(k => RowFetch.Plan(Table, Columns, k, context));

    /// <summary>The readings of a mark and the columns of the key.</summary>
    public IEnumerable<StatementPlan> Marked(PlanningContext context, int mark) =>
        _keys.Values.Chunk(ForeignKeyLimits.LookUpKeysMax)
            .Select(k => RowFetch.Plan(Table, Columns, k, context, new RowFetch.Part(mark, Columns, breaksOff)));

    /// <summary>How they would go, for EXPLAIN.</summary>
    public Access.TableAccess Access(PlanningContext context) =>
        RowFetch.AccessOf(Table, Columns, [.. _keys.Values.Take(ForeignKeyLimits.LookUpKeysMax)], context);
}
