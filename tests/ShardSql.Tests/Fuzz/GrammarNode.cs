using System.Collections.Generic;

namespace ShardSql.Tests.Fuzz;

/// <summary>A part of a rule: a rule or token by name, or a group of alternatives; how often it stands ('1', '?', '*',
/// '+').</summary>
internal sealed record GrammarNode(
    string? Name, char Repeat, IReadOnlyList<IReadOnlyList<GrammarNode>> Alternatives);
