namespace Wspy.Tool.Echo;

/// <summary>How much the command tells.</summary>
internal enum Verbosity
{
    /// <summary>Connections and their ends.</summary>
    Normal,

    /// <summary>The page's address, and problems.</summary>
    Quiet,

    /// <summary>Each message, ping and pong too.</summary>
    Verbose,
}
