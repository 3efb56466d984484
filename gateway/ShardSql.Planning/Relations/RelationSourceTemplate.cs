using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>A source of a plan, the same for all values of parameters: a table, what must hold for its rows, and which of
/// its columns are wanted.</summary>
internal sealed class RelationSourceTemplate
{
    private readonly FromLeaf _leaf;
    private readonly Binding _rows;
    private readonly Expression? _where;
    private IReadOnlyList<int> _keys;
    private readonly TableShape? _shape;
    private TableAccessPlanner? _access;
    private byte[] _body = [];

    /// <param name="leaf">The part of FROM.</param>
    /// <param name="build">The statement.</param>
    /// <param name="where">What must hold, in the table's own names.</param>
    /// <param name="keys">Ordinals of the columns by whose values it may be asked; none: it may not.</param>
    public RelationSourceTemplate(FromLeaf leaf, RelationBuild build, Expression? where, IReadOnlyList<int> keys)
    {
        _leaf = leaf;
        _where = where;
        _keys = keys;
        _rows = build.Binding.Over(leaf.Source?.Scope ?? RowScope.Empty);
        _shape = leaf.Table is null ? null : build.Context.Catalog.ShapeOf(leaf.Table);
    }

    /// <summary>The users' table.</summary>
    public TableDescriptor? Table => _leaf.Table;

    /// <summary>The gateway's table.</summary>
    public VirtualTable? Virtual => _leaf.Virtual;

    /// <summary>The index by which it is asked for keys; null: it is the primary key.</summary>
    public IndexDescriptor? AskedBy { get; private set; }

    /// <summary>Whether not all rows are wanted.</summary>
    public bool HasCondition => _where is not null;

    /// <summary>Where a column stands in the rows that it gives.</summary>
    public IEnumerable<int> PlacesOf(int column)
    {
        int place = 0;
        foreach (uint used in _leaf.Used)
        {
            if (used == column)
            {
                yield return place;
            }

            place++;
        }
    }

    /// <summary>Whether the conditions tell the columns by which it may be asked.</summary>
    public bool FixesKey()
    {
        var fixedColumns = new SortedSet<string>(System.StringComparer.Ordinal);
        foreach (ExpressionTree conjunct in _where is null ? [] : ExpressionTree.Of(_where).Conjuncts())
        {
            bool isList = conjunct.Op == ExpressionOp.In;
            for (int i = 0; i < conjunct.Children.Count && (isList ? i == 0 : conjunct.Op == ExpressionOp.Equal); i++)
            {
                if (conjunct.Children[i].Op == ExpressionOp.Column && (isList || conjunct.Children[1 - i].IsConstant))
                {
                    fixedColumns.Add(conjunct.Children[i].Node.Name);
                }
            }
        }

        foreach (int key in _keys)
        {
            if (!fixedColumns.Contains(_leaf.Table!.Columns[key].Name))
            {
                return false;
            }
        }

        return _keys.Count > 0;
    }

    /// <summary>Where an index serves a join better than the primary key: the columns by whose values it is asked.</summary>
    public void AskBy(IndexDescriptor index, IReadOnlyList<int> keys)
    {
        AskedBy = index;
        _keys = keys;
    }

    /// <summary>Once all is bound: what shards do that is the same each time.</summary>
    public void Seal()
    {
        if (_leaf.Table is not { } table)
        {
            return;
        }

        _access = new TableAccessPlanner(_leaf.Source!, _rows, _where);
        var output = new OutputStage { Visible = (uint)_leaf.Used.Count };
        foreach (uint column in _leaf.Used)
        {
            ColumnDescriptor described = table.Columns[(int)column];
            output.Projection.Add(BoundExpression.Column((int)column, described.Type, described.Nullable)
                .ToMessage().ToByteString());
        }

        _body = new ScanPlan { Table = _shape, Output = output }.ToByteArray();
    }

    /// <summary>The access of one execution; null: a table of the gateway.</summary>
    public TableAccess? Access(PlanningContext context) =>
        _access?.Plan(context, _rows.For(context), isWrite: false, Wishes);

    private AccessWishes Wishes => new() { Columns = [.. System.Linq.Enumerable.Select(_leaf.Used, c => (int)c)] };

    /// <summary>The scan of one shard, for a plan that runs there whole.</summary>
    public ScanPlan Scan(TableAccess access, ShardAccess shard)
    {
        ScanPlan scan = ScanPlan.Parser.ParseFrom(_body);
        scan.Access = shard.ToMessage();
        scan.Filter = access.Filter;
        return scan;
    }

    /// <summary>The source of one execution.</summary>
    public RelationSource For(PlanningContext context)
    {
        if (_leaf.Virtual is { } made)
        {
            return new RelationSource(made);
        }

        Binding rows = _rows.For(context);
        Func<IReadOnlyList<SqlValue[]>, SourceRead>? lookUp = _keys.Count == 0
            ? null
            : keys => keys.Count == 0
                ? new SourceRead([])
                : Read(
                    new TableAccessPlanner(_leaf.Source!, rows, WithKeys(keys)),
                    Wishes with { TakesLookUps = AskedBy is not null },
                    context,
                    rows);
        return new RelationSource(() => Read(_access!, Wishes, context, rows), lookUp);
    }

    /// <summary>The rows, or the entries that lead to them.</summary>
    private SourceRead Read(TableAccessPlanner planner, AccessWishes wishes, PlanningContext context, Binding rows)
    {
        TableAccess access = planner.Plan(context, rows, isWrite: false, wishes);
        return !access.IsLookUp
            ? new SourceRead(Tasks(access, rows))
            : new SourceRead([])
            {
                Entries = LookUps.Tasks(access, context),
                Found = found => Tasks(
                    LookUps.Found(planner, context, rows, isWrite: false, found, wishes), rows),
            };
    }

    private IReadOnlyList<ShardTask> Tasks(TableAccess access, Binding rows) =>
        FragmentBuilder.Build(
            access.Visited,
            rows,
            access.Shards,
            FragmentStatement.ScanFieldNumber,
            _ => _body,
            shard => new ScanPlan { Access = shard.ToMessage(), Filter = access.Filter });

    /// <summary>(k1, k2) IN ((v, v), ...) AND what must hold anyway.</summary>
    private Expression WithKeys(IReadOnlyList<SqlValue[]> keys)
    {
        var condition = new Expression();
        AddRow(condition, [.. System.Linq.Enumerable.Select(_keys, Column)]);
        foreach (SqlValue[] key in keys)
        {
            AddRow(condition, [.. System.Linq.Enumerable.Select(key, static v => Binding.Literal(v).Nodes[0])]);
        }

        condition.Nodes.Add(new ExpressionNode { Op = ExpressionOp.In, Children = (uint)keys.Count + 1 });
        return _where is null ? condition : BoundNodes.Apply(ExpressionOp.And, condition, _where);
    }

    private static void AddRow(Expression condition, ExpressionNode[] values)
    {
        condition.Nodes.AddRange(values);
        if (values.Length > 1)
        {
            condition.Nodes.Add(new ExpressionNode { Op = ExpressionOp.Row, Children = (uint)values.Length });
        }
    }

    private ExpressionNode Column(int ordinal) => new()
    {
        Op = ExpressionOp.Column,
        Qualifier = _leaf.Source!.Qualifier,
        Name = _leaf.Table!.Columns[ordinal].Name,
    };
}
