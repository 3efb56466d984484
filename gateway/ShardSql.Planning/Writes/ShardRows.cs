using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Writes;

/// <summary>Rows of one table to delete, to overwrite and to insert at one shard.</summary>
internal sealed class ShardRows
{
    private readonly AccessPath _deleted = new();
    private readonly InsertPlan _overwritten = new() { Overwrites = true };
    private readonly InsertPlan _inserted = new();

    public void Delete(byte[] key) => _deleted.Keys.Add(UnsafeByteOperations.UnsafeWrap(key));

    public void Overwrite(byte[] key, byte[] row) => _overwritten.Rows.Add(Of(key, row));

    public void Insert(byte[] key, byte[] row) => _inserted.Rows.Add(Of(key, row));

    /// <summary>Rows that leave come first, so that others may take their keys.</summary>
    public Fragment ToFragment(TableShape shape, InsertPlan checks)
    {
        var fragment = new Fragment();
        if (_deleted.Keys.Count > 0)
        {
            fragment.Statements.Add(new FragmentStatement
            {
                Delete = new DeletePlan { Table = shape, Access = _deleted },
            });
        }

        foreach (InsertPlan plan in (InsertPlan[])[_overwritten, _inserted])
        {
            if (plan.Rows.Count > 0)
            {
                plan.Table = shape;
                plan.Checks.AddRange(checks.Checks);
                fragment.Statements.Add(new FragmentStatement { Insert = plan });
            }
        }

        return fragment;
    }

    private static InsertRow Of(byte[] key, byte[] row) => new()
    {
        Key = UnsafeByteOperations.UnsafeWrap(key),
        Row = UnsafeByteOperations.UnsafeWrap(row),
    };
}
