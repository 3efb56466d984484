using System;
using System.Collections.Generic;
using Antlr4.Runtime;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Parsing;

/// <summary>Collects the parameters of a text: each once, case ignored, in the spelling that came first. Some stand for
/// whole lists.</summary>
internal sealed class ParameterNames(IReadOnlyDictionary<string, SqlKind> lists)
{
    private readonly Dictionary<string, string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _ordered = [];

    public IReadOnlyList<string> Ordered => _ordered;

    /// <summary>Lists that stand as the items of an IN.</summary>
    public int ListsInPlace { get; private set; }

    /// <summary>Makes the node of a parameter that of a list, if it is one.</summary>
    public ExpressionNode Node(IToken token)
    {
        var node = new ExpressionNode
        {
            Op = ExpressionOp.Parameter,
            Name = Add(token),
            Position = Names.PositionOf(token),
        };
        if (lists.TryGetValue(node.Name, out SqlKind kind))
        {
            node.Flag = true;
            node.Type = new SqlType(kind).ToMessage();
        }

        return node;
    }

    /// <summary>An item of an IN.</summary>
    public void NoteItem(ExpressionNode item) => ListsInPlace += item is { Op: ExpressionOp.Parameter, Flag: true } ? 1 : 0;

    public string Add(IToken token)
    {
        string name = Names.Checked(token.Text[1..], token);
        if (_known.TryGetValue(name, out string? first))
        {
            return first;
        }

        _known.Add(name, name);
        _ordered.Add(name);
        return name;
    }
}
