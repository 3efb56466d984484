using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Spillover;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>What the parts of one statement share while they are bound: sources, slots, common tables.</summary>
internal sealed class RelationBuild
{
    private const int ViewsMax = 20;

    private readonly List<RelationSourceTemplate> _sources = [];
    private readonly List<CommonTableEntry> _entries = [];
    private uint _slots;
    private uint _recursions;
    private Lazy<NamedColumns>? _named;
    private int _views;

    public RelationBuild(PlanningContext context)
    {
        Context = context;
        Binding = Binding.WithoutColumns(context);
        _slots = (uint)Binding.ParameterValues.Length;
    }

    /// <summary>The context of planning.</summary>
    public PlanningContext Context { get; }

    /// <summary>The parameters; what is noted is noted for all parts.</summary>
    public Binding Binding { get; }

    /// <summary>The sources.</summary>
    public IReadOnlyList<RelationSourceTemplate> Sources => _sources;

    /// <summary>Parameters of the statement.</summary>
    public uint Parameters => (uint)Binding.ParameterValues.Length;

    /// <summary>What slots are known to hold: conditions on a column that stands for the slot.</summary>
    public Dictionary<uint, Expression> KnownSlots { get; } = [];

    /// <summary>A place for what a query inside of an expression reads of the row outside.</summary>
    public uint NewSlot() => _slots++;

    /// <summary>A number for a recursion.</summary>
    public uint NewRecursion() => _recursions++;

    /// <summary>The statement: spilled columns that it does not name are not read. Without one all are.</summary>
    public Google.Protobuf.IMessage? Statement
    {
        init => _named = value is null ? null : NamesIn(value);
    }

    /// <summary>The table whose exact rows are being bound, by the names that their query has for it and for its deltas.
    /// </summary>
    public Dictionary<string, TableDescriptor>? Spilled { get; private set; }

    /// <summary>Whether what a table's deltas add matters.</summary>
    public bool ReadsDeltas(TableDescriptor table) => table.Spillover is not null && _named?.Value.MeanSpilled(table) != false;

    /// <summary>Rows that have spilled learn that an execution reads them by their keys.</summary>
    public void TellReads(PlanningContext context)
    {
        foreach (RelationSourceTemplate source in _sources)
        {
            if (source.Table is { Spillover: not null } table && context.HotRows is { } rows
                && source.Access(context) is { OnlyKey: { } rowKey } access)
            {
                rows.Reads(table, rowKey, access.Shards.First().ShownKeys[0].Key);
            }
        }
    }

    /// <summary>Begins to bind the query of a table's exact rows.</summary>
    public ViewDepth EnterExactRows(TableDescriptor table, uint position)
    {
        Dictionary<string, TableDescriptor>? outer = Spilled;
        ViewDepth depth = EnterView(null, position);
        Spilled = new Dictionary<string, TableDescriptor>
        {
            [ExactRows.BaseName] = table,
            [ExactRows.DeltasName] = Context.Catalog.Find(table.Spillover!.DeltasTableId)!,
        };
        return new ViewDepth(() =>
        {
            Spilled = outer;
            depth.Dispose();
        });
    }

    /// <summary>Begins to bind a view; 54001 where views stand in views too deep.</summary>
    /// <param name="query">Its query, which names what it reads itself.</param>
    /// <param name="position">Where it is read.</param>
    public ViewDepth EnterView(Select? query, uint position)
    {
        if (_views == ViewsMax)
        {
            throw new Sql.SqlException(
                Sql.SqlStates.StatementTooComplex, $"views inside one another exceed {ViewsMax}", (int)position);
        }

        Lazy<NamedColumns>? outer = _named;
        _named = query is null || outer is null ? outer : NamesIn(query);
        _views++;
        return new ViewDepth(() =>
        {
            _views--;
            _named = outer;
        });
    }

    // Looked for when a table that spills over is met: most statements meet none.
    private static Lazy<NamedColumns> NamesIn(Google.Protobuf.IMessage tree) => new(() => NamedColumns.Of(tree));

    /// <summary>Adds a source; gives its number.</summary>
    public uint Add(RelationSourceTemplate source)
    {
        _sources.Add(source);
        return (uint)_sources.Count - 1;
    }

    /// <summary>Adds a common table that may be read more than once.</summary>
    public void Add(CommonTableEntry entry) => _entries.Add(entry);

    /// <summary>The whole plan: a common table that is read once stands where it is read.</summary>
    public RelationPlan ToPlan(RelationNode root)
    {
        var plan = new RelationPlan { Root = root };
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            // Its readers come behind it, and tell it their conditions when they are made.
            _entries[i].Build();
        }

        foreach (CommonTableEntry entry in _entries)
        {
            entry.Place(plan.Shared);
        }

        foreach (RelationSourceTemplate source in _sources)
        {
            source.Seal();
        }

        plan.Parameters = _slots;
        return plan;
    }
}
