/* Screens for looking things up, in a file of their own: a phone that only records never needs them. */
export { FigureScreen } from './figure/figure';
export { FiguresScreen } from './figures/figures';
export { GapsScreen } from './gaps/gaps';
export { PersonScreen } from './person/person';
export { TeamScreen } from './team/team';
