using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>
/// A relation under construction. Expressions are bound over it before its operators are known: they name columns by
/// provisional places, which <see cref="Place"/> turns into real ones once <see cref="Begin"/> and the operators that
/// add columns (queries inside of expressions, window functions) are there.
/// </summary>
internal sealed class Stage
{
    /// <summary>From here on provisional places are those of queries inside of expressions.</summary>
    public const uint FirstSubquery = 1u << 24;

    /// <summary>From here on provisional places are those of window functions.</summary>
    public const uint FirstWindow = 1u << 25;

    private readonly List<PendingSubquery> _subqueries = [];
    private readonly List<uint> _subqueryPlaces = [];
    private readonly List<WindowGroup> _windows = [];
    private readonly Dictionary<uint, uint> _windowPlaces = [];
    private IReadOnlyDictionary<uint, uint>? _layout;
    private int _windowCount;

    /// <summary>The operators so far.</summary>
    public RelationNode Node { get; private set; } = new();

    /// <summary>Columns of a row.</summary>
    public uint Width { get; private set; }

    /// <summary>Whether queries inside of expressions were added.</summary>
    public bool HasSubqueries => _subqueries.Count > 0;

    /// <summary>What holds for some columns of all rows, by their provisional places.</summary>
    public KnownColumns Known { get; set; } = KnownColumns.None;

    /// <summary>The operators that give the rows, and where their columns are; null: where they are said to be.</summary>
    public void Begin(RelationNode node, uint width, IReadOnlyDictionary<uint, uint>? layout = null)
    {
        Node = node;
        Width = width;
        _layout = layout;
    }

    /// <summary>A query inside of an expression; gives the place of its value.</summary>
    public uint Add(PendingSubquery subquery)
    {
        _subqueries.Add(subquery);
        return FirstSubquery + (uint)_subqueries.Count - 1;
    }

    /// <summary>A window function; gives the place of its value.</summary>
    public uint Add(WindowGroup window, WindowCall call)
    {
        WindowGroup? known = _windows.Find(w => w.Shape == window.Shape);
        if (known is null)
        {
            known = window;
            _windows.Add(known);
        }

        uint place = FirstWindow + (uint)_windowCount++;
        known.Calls.Add((call, place));
        return place;
    }

    /// <summary>Whether rows with different values are never in one partition of any window function.</summary>
    public bool IsPartitionedBy(Expression value) => _windows.TrueForAll(w => w.IsPartitionedBy(value));

    /// <summary>Computes the queries inside of expressions that were added so far.</summary>
    public void AddSubqueries()
    {
        if (_subqueryPlaces.Count == _subqueries.Count)
        {
            return;
        }

        var apply = new ApplyNode { Input = Node };
        while (_subqueryPlaces.Count < _subqueries.Count)
        {
            apply.Queries.Add(_subqueries[_subqueryPlaces.Count].ToMessage(this));
            _subqueryPlaces.Add(Width++);
        }

        Node = new RelationNode { Apply = apply };
    }

    /// <summary>Computes the window functions.</summary>
    public void AddWindows()
    {
        foreach (WindowGroup window in _windows)
        {
            Node = new RelationNode { Window = window.ToMessage(Node, this) };
            foreach ((WindowCall _, uint place) in window.Calls)
            {
                _windowPlaces.Add(place, Width++);
            }
        }
    }

    /// <summary>Keeps the rows for which a condition is true.</summary>
    public void Filter(Expression condition, string clause) => Node = new RelationNode
    {
        Filter = new FilterNode { Input = Node, Condition = ConditionBytes(condition, clause) },
    };

    /// <summary>The expression over the rows as they are.</summary>
    public Expression Place(Expression expression)
    {
        Expression placed = expression.Clone();
        foreach (ExpressionNode node in placed.Nodes)
        {
            if (node.Op == ExpressionOp.BoundColumn)
            {
                node.Ordinal = PlaceOf(node.Ordinal);
            }
        }

        return placed;
    }

    /// <summary>The expression as a part of a plan.</summary>
    public ByteString Bytes(Expression expression) =>
        BoundNodes.Bind(Place(expression)).ToMessage().ToByteString();

    /// <summary>A condition as a part of a plan.</summary>
    public ByteString ConditionBytes(Expression expression, string clause) =>
        BoundExpression.ConditionFromMessage(Place(expression), clause).ToMessage().ToByteString();

    /// <summary>A value converted as a part of a plan.</summary>
    public ByteString AssignmentBytes(Expression expression, SqlType type) =>
        BoundExpression.AssignmentFromMessage(Place(expression), type).ToMessage().ToByteString();

    private uint PlaceOf(uint provisional)
    {
        if (provisional >= FirstWindow)
        {
            Invariant.Check(_windowPlaces.ContainsKey(provisional), "Window functions are computed before they are read.");
            return _windowPlaces[provisional];
        }

        return provisional >= FirstSubquery ? _subqueryPlaces[(int)(provisional - FirstSubquery)]
            : _layout is null ? provisional
            : _layout[provisional];
    }
}
