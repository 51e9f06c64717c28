namespace BiPE.Core.Hub;

/// <summary>How far a file has come.</summary>
public enum HubTransferState
{
    /// <summary>Its turn has not come.</summary>
    Waiting,

    /// <summary>What lies on the disk is read and hashed.</summary>
    Checking,

    /// <summary>Bytes come from the hub, or are waited for.</summary>
    Fetching,

    /// <summary>It was fetched and is whole.</summary>
    Fetched,

    /// <summary>It was whole already.</summary>
    Present,

    /// <summary>It could not be fetched.</summary>
    Failed,
}
