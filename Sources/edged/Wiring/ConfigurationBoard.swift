import EdgeCore
import FoundationEssentials
import Recognition

/// Tells the configuration in force and what was measured for the models.
struct ConfigurationBoard: ConfigurationReporter {
    private let house: House
    let configuredAt: Date
    let modelMeasures: [ModelMeasure]

    var configuration: [ConfigurationEntry] { house.configuration.entries }

    init(house: House) {
        self.house = house
        configuredAt = house.startedAt
        let (model, source) = (house.engine.templateModel, house.engine.thresholdSource)
        modelMeasures = house.engine.thresholdTable.map { point in
            ModelMeasure(
                model: model.id, version: model.version, falseMatchRate: point.fmr, cosine: point.cosine,
                source: source)
        }
    }
}
