using System.Collections.Generic;

namespace ShardSql.Storage.Files;

/// <summary>
/// The files below the log and the snapshots, as synchronous calls, so that the same recovery and append code runs on a
/// disk, in the simulator and over a layer that loses unsynced writes. What a crash leaves: bytes that
/// <see cref="IDurableFile.Sync"/> covered, and names that <see cref="SyncFolder"/> covered; of anything later any part.
/// </summary>
public interface IFileSystem
{
    /// <summary>Opens a file that exists.</summary>
    IDurableFile Open(string path);

    /// <summary>Creates an empty file that must not exist yet; readable by its owner only.</summary>
    IDurableFile Create(string path);

    /// <summary>Whether the file exists.</summary>
    bool Exists(string path);

    /// <summary>Creates a folder and its parents where missing, durably; accessible to its owner only.</summary>
    void CreateFolder(string folder);

    /// <summary>The names of the files in a folder, in ordinal order; none when there is no folder.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>Bytes that may still be written to the disk under a folder, and the disk's size.</summary>
    (long Free, long Size) SpaceOf(string folder);

    /// <summary>Gives a file another name in the same folder, in place of what had it. Durable by
    /// <see cref="SyncFolder"/>.</summary>
    void Rename(string from, string to);

    /// <summary>Removes a file. Durable by <see cref="SyncFolder"/>.</summary>
    void Delete(string path);

    /// <summary>Makes the folder's names durable.</summary>
    /// <exception cref="SyncFailedException">The node must end.</exception>
    void SyncFolder(string folder);
}
