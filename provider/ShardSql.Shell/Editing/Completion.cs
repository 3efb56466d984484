using System.Collections.Generic;

namespace ShardSql.Shell.Editing;

/// <summary>Words that may stand from a place of the line on, in order.</summary>
internal sealed record Completion(int Start, IReadOnlyList<string> Candidates);
