using System;

namespace ShardSql.Data.Options;

/// <summary>
/// One keyword of the connection string. Builder, README and tests read the same list of these, so none can know a
/// keyword that the others do not.
/// </summary>
/// <param name="Name">The canonical keyword, as the builder writes it.</param>
/// <param name="Default">The text that stands for an absent keyword.</param>
/// <param name="Description">One line for the README.</param>
/// <param name="Normalize">Checks a value and gives its canonical text; throws <see cref="ArgumentException"/>.</param>
/// <param name="Aliases">Other accepted keywords; blanks and case never matter.</param>
internal sealed record ConnectionOption(
    string Name,
    string Default,
    string Description,
    Func<string, string> Normalize,
    params string[] Aliases);
