using System;
using System.Collections.Generic;
using Antlr4.Runtime;

namespace ShardSql.Sql.Parsing;

/// <summary>Collects the parameters of a text: each once, case ignored, in the spelling that came first.</summary>
internal sealed class ParameterNames
{
    private readonly Dictionary<string, string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _ordered = [];

    public IReadOnlyList<string> Ordered => _ordered;

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
